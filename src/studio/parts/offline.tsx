import type { JSX } from 'preact';
import { isOffline, kept } from '../state/offline.js';
import { texts } from '../texts.js';

/** What can be done without a network, and whether there is one. */
export function OfflinePart(): JSX.Element {
  return (
    <p class="offline" role="status" data-kept={kept.value}>
      {isOffline.value && <strong>{texts.offline.isOffline} </strong>}
      {texts.offline.kept[kept.value]}
    </p>
  );
}
