/**
 * Whether a database takes two texts for one. Pure.
 *
 * PostgreSQL compares bytes. MySQL, MariaDB and SQL Server compare by a collation: by default without case, mostly without
 * accents, without blanks at the end, and in the older ones without telling characters beyond the basic plane apart, or
 * without seeing them at all. Nobody outside knows which collation APIM's database has, so what any of those takes for one
 * is one here.
 */
export function collationKey(text: string): string {
  return (
    text
      .normalize('NFKD')
      // Marks; controls and what is invisible; beyond the basic plane.
      .replace(/[\p{M}\p{C}\p{Default_Ignorable_Code_Point}\u{10000}-\u{10FFFF}]/gu, '')
      // Upper case first: `ß` is `SS`, and there are two small sigmas.
      .toUpperCase()
      .toLowerCase()
      // Katakana and hiragana.
      .replace(/[\u30A1-\u30F6]/gu, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60))
      .trimEnd()
  );
}
