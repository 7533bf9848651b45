import { describe, expect, it } from '@jest/globals';
import { isSelected } from '../../../kinds/facts/kind-selection.ts';

const server = { group: 'dbformysql.azure.com', kind: 'FlexibleServer' };

describe('a selection of kinds', () => {
  it.each([
    ['dbformysql.azure.com/*', true, 'the group'],
    ['a.azure.com/B;dbformysql.azure.com/FlexibleServer', true, 'one of several'],
    ['dbformysql.azure.com/User', false, 'another kind'],
    ['*', true, 'everything'],
    ['*.azure.com/Flexible*er', true, 'a glob'],
    ['*.azure.com/Flexible', false, 'a glob is about the whole name'],
    ['dbformysqlXazure.com/*', false, 'a dot is a dot'],
  ])('%s selects the server: %s (%s)', (selection, selected) => {
    expect(isSelected(selection, server)).toBe(selected);
  });

  it('refuses what is not a selection', () => {
    expect(() => isSelected('dbformysql', server)).toThrow('"dbformysql" is not a selection of kinds');
  });
});
