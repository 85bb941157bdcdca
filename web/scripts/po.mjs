/** Catalogs of gettext: in goes the text of a PO file, out come its header and messages, and the other way round. Comments of translators stay. */

const FIELD = /^(msgctxt|msgid|msgid_plural|msgstr(?:\[(\d)\])?)\s+(".*")$/;

/** `{header: {name: value}, messages: Map(id -> {id, plural, texts, notes, places, fuzzy, obsolete})}` */
export function parse_po(text) {
  const messages = new Map();
  let header = {};
  for (const block of text.split(/\n\s*\n/)) {
    const message = { id: "", plural: "", texts: [], notes: [], places: [], fuzzy: false, obsolete: false };
    let add = null;
    let seen = false;
    for (let line of block.split("\n")) {
      if (line.startsWith("#~")) {
        message.obsolete = true;
        line = line.slice(2).trimStart();
      }
      if (line.startsWith("#,")) message.fuzzy = line.includes("fuzzy");
      else if (line.startsWith("#:")) message.places.push(line.slice(2).trim());
      else if (line.startsWith("#")) message.notes.push(line);
      else if (line.startsWith('"') && add) add(JSON.parse(line));
      else if (FIELD.test(line)) {
        const [, name, number = "0", value] = FIELD.exec(line);
        seen = true;
        if (name === "msgid") add = (more) => (message.id += more);
        else if (name === "msgid_plural") add = (more) => (message.plural += more);
        else {
          const index = Number(number);
          add = (more) => (message.texts[index] = (message.texts[index] ?? "") + more);
        }
        add(JSON.parse(value));
      } else if (line.trim()) throw new Error(`not of a PO file: ${line}`);
    }
    if (!seen) continue;
    if (message.id === "") {
      header = Object.fromEntries(
        message.texts[0]
          .trim()
          .split("\n")
          .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
      );
      header[""] = message.notes;
    } else if (messages.has(message.id)) throw new Error(`twice in one file: ${message.id}`);
    else messages.set(message.id, message);
  }
  return { header, messages };
}

export function write_po({ header, messages }) {
  const { "": notes = [], ...fields } = header;
  const lines = [...notes, 'msgid ""', 'msgstr ""'];
  for (const [name, value] of Object.entries(fields)) lines.push(JSON.stringify(`${name}: ${value}\n`));
  const blocks = [lines.join("\n")];
  for (const { id, plural, texts, notes: remarks, places } of messages) {
    const block = [...remarks, ...places.map((place) => `#: ${place}`), `msgid ${JSON.stringify(id)}`];
    if (plural) {
      block.push(`msgid_plural ${JSON.stringify(plural)}`);
      for (const [index, text] of texts.entries()) block.push(`msgstr[${index}] ${JSON.stringify(text)}`);
    } else block.push(`msgstr ${JSON.stringify(texts[0] ?? "")}`);
    blocks.push(block.join("\n"));
  }
  return `${blocks.join("\n\n")}\n`;
}
