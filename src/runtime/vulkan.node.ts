import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Manifests of drivers that are looked for nowhere else, or as well. */
const variables = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES', 'VK_ADD_DRIVER_FILES'];

/**
 * Whether a Vulkan driver is installed, working or not: its loader, libvulkan, also comes without one. As the loader does,
 * this looks for manifests (Khronos' Vulkan-Loader, LoaderDriverInterface.md, "Linux Driver Discovery"), and in NixOS's place.
 */
export function hasVulkanDriver(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  if (variables.some((name) => environment[name])) return true;
  const folder = (name: string, fallback: string) => environment[name] || join(homedir(), fallback);
  const shared = (name: string, fallback: string) => (environment[name] || fallback).split(delimiter);
  return [
    folder('XDG_CONFIG_HOME', '.config'),
    ...shared('XDG_CONFIG_DIRS', '/etc/xdg'),
    '/usr/local/etc',
    '/etc',
    folder('XDG_DATA_HOME', '.local/share'),
    ...shared('XDG_DATA_DIRS', ''),
    '/usr/local/share',
    '/usr/share',
    '/run/opengl-driver/share',
  ].some((folder) => {
    try {
      return readdirSync(join(folder, 'vulkan/icd.d')).some((name) => name.endsWith('.json'));
    } catch {
      return false;
    }
  });
}
