import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, it } from 'vitest';
import { hasVulkanDriver } from '../../src/runtime/vulkan.node.js';

it("Vulkan's drivers are found by their manifests, in the folders of the environment and where it says", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pastiche-vulkan-'));
  try {
    const drivers = join(folder, 'vulkan/icd.d');
    await mkdir(drivers, { recursive: true });
    const environment = { XDG_DATA_DIRS: ['/nowhere', folder].join(delimiter) };
    // A machine that has one of its own has it whatever the environment says.
    const here = hasVulkanDriver({});
    expect(hasVulkanDriver(environment)).toBe(here);
    await writeFile(join(drivers, 'some_icd.json'), '{}');
    expect(hasVulkanDriver(environment)).toBe(true);
    expect(hasVulkanDriver({ XDG_CONFIG_HOME: folder })).toBe(true);
    expect(hasVulkanDriver({ VK_DRIVER_FILES: join(drivers, 'some_icd.json') })).toBe(true);
    expect(hasVulkanDriver({})).toBe(here);
  } finally {
    await rm(folder, { recursive: true });
  }
});
