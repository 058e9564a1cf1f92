import './without-eval.js';
import { render } from 'preact';
import { App } from './app.js';
import { followChanges } from './state/live.js';

followChanges();
render(<App />, document.getElementById('studio')!);
