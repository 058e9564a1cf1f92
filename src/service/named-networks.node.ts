import { nodePlatform } from '../api/platform.node.js';
import type { Platform } from '../api/platform.js';
import { argumentError } from '../errors.js';

/** Names of networks and styles, which no path and no address can be. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/;

/**
 * The name of a network as a stranger may give it: never a file's.
 * @throws StyleError `E_ARGUMENT`
 */
export function checkNetworkName(name: string, option = 'network'): void {
  if (namePattern.test(name)) return;
  throw argumentError(
    option,
    `The ${option} ${JSON.stringify(name.slice(0, 100))} is no name of a network.`,
    'The service takes networks by their names only, such as vgg19, or models such as styles.',
  );
}

/** The platform of Node.js, on which networks are found by their names and nothing else is opened. */
export const namedNetworks: Platform = {
  ...nodePlatform,
  async loadNetwork(name, options) {
    if (name !== undefined) checkNetworkName(name);
    return nodePlatform.loadNetwork(name, options);
  },
  async loadModel(name, options) {
    checkNetworkName(name, 'model');
    return nodePlatform.loadModel(name, options);
  },
  async loadAnyStyleModel(name, options) {
    checkNetworkName(name, 'model');
    return nodePlatform.loadAnyStyleModel(name, options);
  },
  async loadEnlargingModel(name, options) {
    checkNetworkName(name, 'model');
    return nodePlatform.loadEnlargingModel(name, options);
  },
};
