/** A text that is nested `times` times. */
function nested(times: number, wrap: (inner: string, level: number) => string, innermost: string): string {
  return Array.from({ length: times }, (_, level) => level).reduce(wrap, innermost);
}

/** `cel.bind` of x0, x1, …: each is made from the one before. */
function bound(
  levels: number,
  first: string,
  next: (before: string) => string,
  last: (name: string) => string,
): string {
  const name = (level: number): string => `x${level}`;
  const inner = last(name(levels));
  return nested(
    levels + 1,
    (body, at) => {
      const level = levels - at;
      return `cel.bind(${name(level)}, ${level === 0 ? first : next(name(level - 1))}, ${body})`;
    },
    inner,
  );
}

const ONES = `[${Array.from({ length: 900 }, () => '1').join(',')}]`;
const tenTimes = (name: string): string => `[${Array.from({ length: 10 }, () => name).join(', ')}]`;
const tenAdded = (name: string): string => Array.from({ length: 10 }, () => name).join(' + ');

/** Expressions that need much time or memory, or that would with another evaluator. `self.big` has 10,000 items. */
export const HOSTILE: readonly (readonly [reason: string, expression: string])[] = [
  ['a regular expression that backtracks', `"${'a'.repeat(40)}!".matches("^(a+)+$") ? "a" : "b"`],
  ['another one, on a long text', 'self.text.matches("^(([a-z])+.)+[A-Z]([a-z])+$") ? "a" : "b"'],
  ['nested repetitions', 'self.text.matches("((((a*)*)*)*)*b") ? "a" : "b"'],
  ['a repetition of repetitions', '"a".matches("((a{100}){100}){100}") ? "a" : "b"'],
  ['many long patterns', `${ONES}.map(x, self.text.matches("(x+x+)+y") ? "a" : "b").join("")`],
  ['five nested loops', nested(5, (inner, at) => `${ONES}.all(v${at}, ${inner})`, 'true') + ' ? "a" : "b"'],
  ['loops over the resource', 'self.big.map(a, self.big.map(b, self.big.map(c, a + b + c))).size() > 0 ? "a" : "b"'],
  ['two loops over the resource', 'self.big.map(a, self.big.filter(b, a == b).size()).size() > 0 ? "a" : "b"'],
  ['a text of 10^8 characters', bound(8, '"x"', tenAdded, (x) => `${x}.lowerAscii()`)],
  ['a list of 10^8 items', bound(8, '[1]', tenAdded, (x) => `string(${x}.size())`)],
  ['bytes, 10^8 of them', bound(8, 'b"x"', tenAdded, (x) => `string(${x})`)],
  [
    'two equal lists with 10^8 items',
    bound(8, '[1]', tenTimes, (x) =>
      bound(8, '[1]', tenTimes, (y) => `${x} == ${y} ? "a" : "b"`)
        .replaceAll(/\bx(\d+)\b/g, 'y$1')
        .replace('y8 ==', 'x8 =='),
    ),
  ],
  ['the text of a list with 10^8 items', bound(8, '["a"]', tenTimes, (x) => `"%s".format([${x}])`)],
  ['a replacement that grows', `"${'a'.repeat(4_000)}".replace("a", self.text).replace("b", self.text)`],
  ['a join that grows', 'self.big.map(b, self.text).join(self.text)'],
  ['a format that grows', `"${'%s'.repeat(2_000)}".format(self.big.map(b, self.text))`],
  [
    'texts of all that a loop can hold',
    'self.big.map(b, self.text + string(b)).map(t, t.lowerAscii()).size() > 0 ? "a" : "b"',
  ],
  ['parentheses, 4,000 deep', `${'('.repeat(4_000)}"a"${')'.repeat(4_000)}`],
  ['lists, 4,000 deep', `${'['.repeat(4_000)}1${']'.repeat(4_000)}`],
  ['an expression of 1 MB', `"a"${' + "b"'.repeat(170_000)}`],
  [
    'an id with 100,000 segments',
    'aso.parseResourceId(self.id).name + string(self.big.map(b, aso.parseResourceId(self.id).name).size())',
  ],
  [
    'each character of a text, with each',
    'self.text.split("").map(a, self.text.split("").filter(b, a == b).size()).size() > 0 ? "a" : "b"',
  ],
  ['a text split in a loop', 'self.big.map(b, self.text.split("")).size() > 0 ? "a" : "b"'],
  ['many results of one loop', '{"a": self.big.map(b, self.text.reverse().reverse()).join("")}'],
];

/** What they read. */
export const HOSTILE_SELF = {
  big: Array.from({ length: 10_000 }, (_, index) => index),
  text: 'a'.repeat(50_000),
  id: '/a/b'.repeat(50_000),
};
