/**
 * What the clients' pages may call by shorter names when they are built: methods, parts and state of our own. None of them is a field on the
 * wire, of what the browser keeps, of the page's element, or of what those pages use of the document and the language: test/names.test.mjs
 * sees to most of that.
 */

export const OWN_NAMES = `
  actions amend answer_survey ask_anew ask_later ask_of_room asking attach awaited beacon become below
  box componentDidMount componentDidUpdate componentWillUnmount connection correct current delete_all detach
  description dispatch doubt draft draw drawn enter exit failed fetch_earlier fetched filled forget give_up gone heard_at held
  identity instance is_attached_to is_looking is_offline keep keeper kwargs language_changed late leave leaving
  linked listen live_after log_in login looked lost make_return_code newest next_nonce node offline
  on_attached on_correct on_draft on_earlier on_event on_filled on_given_up on_input on_left on_lost on_problems
  on_refusal on_revoked on_room on_send on_try_again on_yes open_socket opened parts pending placed_at probe
  problems props publish put_away rare ready refuse refused render screen scrolled self setState
  silence socket stale start_again state storage store stuck talk talk_in tell to_end tone try_again
  undelivered uri wake welcomed wish writes writing yes
`
  .trim()
  .split(/\s+/);
