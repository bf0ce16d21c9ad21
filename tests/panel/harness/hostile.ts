/** Values that an attacker would store in a session; they must be shown as text only. */

/** Thirty values, each named after what it tries. */
export const HOSTILE: Readonly<Record<string, unknown>> = {
  script: "<script>window.pwned=1</script>",
  image: '<img src=x onerror="window.pwned=1">',
  svg: '<svg onload="window.pwned=1"><circle r="9"/></svg>',
  iframe: '<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>',
  style: "</style><style>*{display:none}</style>",
  comment: "<!-- --><b>bold</b>",
  link: '<a href="javascript:window.pwned=1">click</a>',
  javascript: "javascript:window.pwned=1",
  data: "data:text/html,<script>window.pwned=1</script>",
  remote: '<img src="http://127.0.0.1:9/pixel.png">',
  css: "url(http://127.0.0.1:9/x.png)",
  template: "{{constructor.constructor('window.pwned=1')()}} $".concat("{window.pwned=1}"),
  quotes: '"\'`\\"><b>',
  entities: "&lt;b&gt;&#60;b&#62;&amp;",
  bidi: "abc\u202Egnp.exe\u202C\u2066hidden\u2069",
  rightToLeft: "\u05D0\u05D1\u05D2 123 \u0627\u0644",
  nul: "before\u0000after",
  controls: "\u0001\u0007\u001B[31mred\u001B[0m\u007F\u0085",
  newline: "line\r\nfeed\u2028and\u2029more",
  zeroWidth: "ad\u200Bmin\u200D\uFEFF",
  combining: `Z${"\u0351\u0489\u033F".repeat(200)}`,
  lone: "\uD800 lone \uDC00",
  emoji: "👩‍👩‍👧‍👦🏳️‍🌈",
  homoglyph: "аdmin pаssword",
  wide: "﷽".repeat(60),
  long: "x".repeat(5_000_000),
  spaces: `a${" ".repeat(3000)}b`,
  number: 1e308,
  deep: nest(400),
  list: Array.from({ length: 20_000 }, (_, at) => at),
};

/** Keys that try the same, with harmless values. */
export const HOSTILE_KEYS: readonly string[] = [
  "<img src=x onerror=window.pwned=1>",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "",
  " ",
  "\u202Ekey",
  "a".repeat(10_000),
  'quote"key',
  "nul\u0000key",
];

/** The whole hostile session as JSON text; keys that an object literal would drop are kept. */
export function hostileJson(): string {
  const values = Object.entries(HOSTILE).map(
    ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`,
  );
  const keys = HOSTILE_KEYS.map((key) => `${JSON.stringify(key)}:{"polluted":true}`);
  return `{${[...values, ...keys].join(",")}}`;
}

function nest(depth: number): unknown {
  let value: unknown = "bottom";
  for (let level = 0; level < depth; level += 1) value = { [`level${depth - level}`]: value };
  return value;
}
