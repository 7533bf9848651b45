import { beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../kinds/contract.ts';
import { Cel, celSelf } from '../../../kinds/mapping/cel.ts';
import { askCelGo, type OracleAnswer } from '../../support/cel-oracle.ts';

const self: JsonObject = {
  apiVersion: 'documentdb.azure.com/v1api20210515',
  kind: 'DatabaseAccount',
  metadata: { name: 'server-1', annotations: { 'a.b/c': 'noted' }, labels: {} },
  spec: {
    size: 128,
    ratio: 0.5,
    large: 1e21,
    enabled: true,
    nothing: null,
    tags: { team: 'red', constructor: 'own', __proto__x: 'y' },
    ports: [80, 443, 8080],
    rules: [
      { name: 'allow', port: 80, ips: ['10.0.0.1', '10.0.0.2'] },
      { name: 'deny', port: 22, ips: [] },
    ],
    emoji: 'a😀b',
  },
  status: { id: '/subscriptions/s/resourceGroups/rg', zones: ['1', '2', '3'], at: '2026-03-01T04:05:06.780Z' },
};
const secret = { primary: 'k3y==', secondary: 'other' };

const ROWS: readonly (readonly [reason: string, expression: string])[] = [
  ['a field', 'self.metadata.name'],
  ['a key that is no word', 'self.metadata.annotations["a.b/c"]'],
  ['a field that is missing is an error', 'self.spec.other'],
  ['an optional field that is missing', 'self.spec.?other.orValue("none")'],
  ['an optional field deep down', 'self.?spec.?tags.?team.orValue("none")'],
  ['has() of a field that is there', 'has(self.spec.size) ? "yes" : "no"'],
  ['has() of one that is missing', 'has(self.spec.other) ? "yes" : "no"'],
  ['a whole number is an int', 'string(self.spec.size)'],
  ['a fraction is a double', 'string(self.spec.ratio)'],
  ['a large double has an exponent, as Go prints it', 'string(self.spec.large)'],
  ['a double without a fraction', 'string(1.0)'],
  ['a double of seven digits', 'string(1234567.0)'],
  ['a small double', 'string(0.0000001)'],
  ['bool to string', 'string(self.spec.enabled)'],
  ['uint to string', 'string(5u)'],
  ['bytes to string', 'string(b"abc")'],
  ['int and double are compared by value', 'self.spec.size == 128.0 ? "same" : "other"'],
  ['int is more than double', 'self.spec.size > self.spec.ratio ? "more" : "less"'],
  ['the remainder of a negative int', 'string(-5 % 3)'],
  ['division of ints', 'string(-7 / 2)'],
  ['division by zero', 'string(1 / 0)'],
  ['an int that overflows', 'string(9223372036854775807 + 1)'],
  ['the negative of the least int', 'string(-(-9223372036854775808))'],
  ['text to int', 'string(int("42") + 1)'],
  ['no text is no int', 'string(int(""))'],
  ['a binary literal is no int', 'string(int("0b1"))'],
  ['text to double', 'string(double("2.50"))'],
  ['a double that is too large', 'string(double("1e400"))'],
  ['text is not added to an int', '"a" + 1'],
  ['list as text', 'self.status.zones.map(z, "zone-" + z).join(",")'],
  ['filter', 'self.spec.ports.filter(p, p > 100).map(p, string(p)).join("+")'],
  ['map with a condition', 'self.spec.ports.map(p, p < 1000, string(p)).join("+")'],
  ['all', 'self.spec.ports.all(p, p > 10) ? "all" : "not all"'],
  ['exists', 'self.spec.rules.exists(r, r.name == "deny") ? "is" : "is not"'],
  ['exists_one', 'self.spec.rules.exists_one(r, r.port > 0) ? "one" : "not one"'],
  ['an error in exists is absorbed by a true', '[0, 1].exists(x, 1 / x > 0) ? "a" : "b"'],
  ['nested lists', 'self.spec.rules.map(r, r.ips.map(i, r.name + i).join("/")).join(";")'],
  ['a map is iterated by its keys', 'self.spec.tags.exists(k, k == "team") ? "is" : "is not"'],
  ['in a list', '443 in self.spec.ports ? "in" : "out"'],
  ['in a map', '"team" in self.spec.tags ? "in" : "out"'],
  ['a member with the name constructor', 'self.spec.tags.constructor'],
  ['lists are equal', 'self.spec.ports == [80, 443, 8080] ? "same" : "other"'],
  ['list + list', '(self.status.zones + ["4"]).join("")'],
  ['index out of range', 'self.status.zones[7]'],
  ['a map of texts', '{"name": self.metadata.name, "key": secret.primary}'],
  ['a map of the resource', 'self.spec.tags'],
  ['secrets', '"AccountKey=" + secret.primary'],
  ['short circuit hides an error', 'true || 1 / 0 > 0 ? "a" : "b"'],
  ['in either order', '1 / 0 > 0 || true ? "a" : "b"'],
  ['matches finds anywhere', '"xay".matches("a") ? "y" : "n"'],
  ['matches has flags', '"ABC".matches("^(?i)abc$") ? "y" : "n"'],
  ['matches has classes of letters', '"straße".matches("^\\\\p{L}+$") ? "y" : "n"'],
  ['matches has no lookahead', '"ab".matches("(?=a)") ? "y" : "n"'],
  ['matches has no back reference', '"aa".matches("(a)\\\\1") ? "y" : "n"'],
  ['a pattern with an error', '"a".matches("[") ? "y" : "n"'],
  ['replace', 'self.metadata.name.replace("er", "$&")'],
  ['replace some', '"aaaa".replace("a", "b", 2)'],
  ['replace nothing', '"abc".replace("", "-")'],
  ['split', 'self.metadata.name.split("-").join("|")'],
  ['split into at most two', '"a,b,c".split(",", 2).join("|")'],
  ['substring counts code points', 'self.spec.emoji.substring(2)'],
  ['substring out of range', '"abc".substring(2, 9)'],
  ['indexOf counts code points', 'string(self.spec.emoji.indexOf("b"))'],
  ['lastIndexOf', 'string("abcabc".lastIndexOf("b"))'],
  ['indexOf from a place', 'string("abcabc".indexOf("b", 2))'],
  ['charAt', 'self.spec.emoji.charAt(1)'],
  ['reverse', '"abc".reverse()'],
  ['size counts code points', 'string(size(self.spec.emoji))'],
  ['lowerAscii leaves other letters', '"ÄA".lowerAscii()'],
  ['upperAscii leaves other letters', '"ßa".upperAscii()'],
  ['trim', '"  a b ".trim()'],
  ['startsWith and endsWith', '"abc".startsWith("a") && "abc".endsWith("c") ? "y" : "n"'],
  ['format', '"%s has %d of %s%%".format([self.metadata.name, self.spec.size, self.status.zones])'],
  ['format of numbers', '"%.2f %f %x %X %b %o".format([2.0, 1.5, 255, 255, 5, 8])'],
  ['a timestamp', 'string(timestamp(self.status.at))'],
  ['a date is no timestamp', 'string(timestamp("2026-03-01"))'],
  ['the day of the year counts from 0', 'string(timestamp(self.status.at).getDayOfYear())'],
  ['the hour of a timestamp', 'string(timestamp(self.status.at).getHours())'],
  ['a duration', 'string(duration("1h30m"))'],
  ['timestamp and duration', 'string(timestamp("2026-01-01T00:00:00Z") + duration("36h"))'],
  ['null', 'self.spec.nothing == null ? "null" : "not null"'],
  ['no text and no map', 'self.spec.ports'],
  ['a map of ints', '{"a": 1}'],
  ['an unknown variable', 'other'],
  ['an unknown function', '"a".shout()'],
];

describe('expressions have the results of cel-go', () => {
  const cel = new Cel();
  let answers: OracleAnswer[];

  beforeAll(async () => {
    answers = await askCelGo({ self, secret, expressions: ROWS.map(([, expression]) => expression) });
  }, 120_000);

  it.each(ROWS.map(([reason, expression], index) => ({ reason, expression, index })))(
    '$reason: $expression',
    ({ expression, index }) => {
      const answer = answers[index]!;
      if ('error' in answer) expect(() => cel.evaluate(expression, { self: celSelf(self), secret })).toThrow();
      else expect(cel.evaluate(expression, { self: celSelf(self), secret })).toEqual(answer.value);
    },
  );
});
