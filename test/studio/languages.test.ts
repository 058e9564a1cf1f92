import { describe, expect, it } from 'vitest';
import { methods } from '../../src/methods/index.js';
import { valueSchemas } from '../../src/methods/option-text.js';
import { preferredLanguage } from '../../src/studio/languages/language.js';
import { chinese } from '../../src/studio/languages/chinese.js';

const hasChinese = (text: string): boolean => /\p{Script=Han}/u.test(text);

describe('the languages of the studio', () => {
  it('has all methods, roles, groups and options with what they say in Chinese', () => {
    const missing = methods.flatMap(({ name, description, roles, groups = {}, options }) =>
      [
        [name, chinese.methodName(name)],
        [description, chinese.methodDescription(name, description)],
        ...Object.keys(groups).map((heading) => [heading, chinese.groupName(heading)]),
        ...roles.flatMap((role) => [
          [role.name, chinese.roleName(role.name)],
          [role.description, chinese.roleDescription(role.name, role.description)],
        ]),
        ...Object.entries(valueSchemas(options)).flatMap(([option, { description: said = '' }]) => [
          [option, chinese.optionName(option)],
          [said, chinese.optionDescription(option, said)],
        ]),
      ].filter(([, translated]) => !hasChinese(translated!)),
    );
    expect(missing).toEqual([]);
  });

  it.each([
    [['de-AT', 'zh-TW', 'en'], 'zh-CN'],
    [['en-GB', 'zh'], 'en'],
    [['fr'], 'en'],
    [[], 'en'],
  ])('serves who reads %j in %s', (tags, language) => {
    expect(preferredLanguage(tags)).toBe(language);
  });
});
