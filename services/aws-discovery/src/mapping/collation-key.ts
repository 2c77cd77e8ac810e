/**
 * Two texts with the same key may be the same text to a database. Pure.
 *
 * PostgreSQL compares bytes. MySQL, MariaDB and SQL Server compare by a collation: by default without case, mostly
 * without accents, and without trailing blanks. The older collations do not distinguish characters beyond the basic
 * plane, or ignore them. The agent cannot know the collation of APIM's database, so texts that any of these treats as
 * equal have the same key.
 */
export function collationKey(text: string): string {
  return (
    text
      .normalize('NFKD')
      // Marks; control and invisible characters; characters beyond the basic plane.
      .replace(/[\p{M}\p{C}\p{Default_Ignorable_Code_Point}\u{10000}-\u{10FFFF}]/gu, '')
      // Upper case before lower: `ß` is `SS`, and there are two small sigmas. Lower case before that: `ẞ` is `ß`.
      .toLowerCase()
      .toUpperCase()
      .toLowerCase()
      // Katakana and hiragana.
      .replace(/[\u30A1-\u30F6]/gu, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60))
      .trimEnd()
  );
}
