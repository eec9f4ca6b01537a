/** Every text of the previews, in English. ICU MessageFormat; `zh-cn.ts` has the same keys. */
export const previewEn = {
  preview: {
    looking: 'Looking at the file …',
    reading: 'Reading {done} of {total} …',
    large: 'The preview of this file reads all of its {size}.',
    showLarge: 'Show the preview',
    empty: 'The file is empty.',
    other: 'There is no preview for this kind of content ({type}). These are its first bytes.',
    hexLabel: 'First bytes of {name}',
  },
  text: {
    whole: '{kind}, all of it.',
    part: '{kind}, the first {part} of {total}.',
    folded: 'Longer lines are broken after {limit, number} characters.',
    utf8: 'UTF-8 text',
    utf16le: 'UTF-16 text, little-endian',
    utf16be: 'UTF-16 text, big-endian',
    gb18030: 'GB 18030 text',
    latin1: 'Text that is not Unicode, read as Windows-1252',
    invalid:
      '{count, plural, one {In one place the bytes are} other {In # places the bytes are}} no text of this encoding; � stands there.',
    directions:
      '{count, plural, one {One character turns} other {# characters turn}} the direction of writing around, which can make a text seem to say something else. They are shown by name, as ‹RLO›, and have no effect here.',
    hidden:
      '{count, plural, one {One invisible character is} other {# invisible characters are}} shown by number, as ‹U+200B›.',
    label: 'Content of {name}',
  },
  table: {
    label: 'Table in {name}',
    whole:
      '{kind}: a table of {rows, plural, one {one row} other {# rows}} and {columns, plural, one {one column} other {# columns}}.',
    part: '{kind}: a table of {columns, plural, one {one column} other {# columns}}, of which the first {rows, plural, one {row is} other {# rows are}} shown.',
    moreColumns: 'Only the first {count, plural, one {column is} other {# columns are}} shown.',
    empty: 'The part that was read has no complete row.',
    column: 'Column {number}',
  },
  image: {
    size: '{width, number} × {height, number} pixels, {type}',
    broken:
      'The file says that it is an image ({type}), but it does not decode: it is damaged or cut.',
    tooLarge:
      'The file says that it is an image of {width, number} × {height, number} pixels. Decoding that would fill the memory of this page. Download it and open it with another program.',
  },
  track: {
    positions: 'Positions',
    positionsFrom: 'from {source}',
    positionsNone: 'none with a fix',
    sentences: 'Sentences',
    sentencesOf: '{count, plural, one {of one kind} other {of # kinds}}',
    bad: 'Wrong checksums',
    badNone: 'every sentence is as it was sent',
    badUnused: 'these sentences are left out',
    otherLines: '{count, plural, one {One other line is} other {# other lines are}} no sentence.',
    distance: 'Distance',
    distanceHint: 'along the track',
    miles: '{miles} nm',
    speed: 'Mean speed',
    knots: '{knots} kn',
    speedHint: 'at most {knots} kn, from {source}',
    time: 'Time',
    timeHint: '{from} – {to}',
    hours: '{hours, plural, =0 {} other {# h }}{minutes} min',
    title: 'Track',
    speedTitle: 'Speed over ground',
    kindsTitle: 'Kinds of sentences',
    start: 'Start',
    end: 'End',
    only: 'Position',
    summary:
      'Mercator chart of a track of {count, plural, one {one position} other {# positions}} from {from} to {to}.',
    times: 'It begins at {from} and ends at {to} UTC.',
    breaks: 'The line breaks {count, plural, one {once} other {# times}}, where there was no fix.',
    speedSummary:
      'Speed over ground from {from} to {to} UTC: {mean} kn in the mean, {highest} kn at most.',
    noTrack: 'No sentence in this log has a position with a fix: there is no track to draw.',
    noSpeed: 'No sentence in this log tells the speed over ground at a known time.',
    noDate: 'The log tells times of day and no date.',
    day: 'day {day}',
  },
} as const
