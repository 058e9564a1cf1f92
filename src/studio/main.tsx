import './without-eval.js';
import { render } from 'preact';
import { App } from './app.js';
import { beginLanguage } from './languages/language.js';
import { engine } from './state/engine.js';
import { followChanges } from './state/live.js';
import { beginOffline } from './state/offline.js';

beginLanguage();
followChanges();
render(<App />, document.getElementById('studio')!);
// Started before it is asked for anything: its file is large.
engine();
void beginOffline();
