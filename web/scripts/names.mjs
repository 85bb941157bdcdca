/**
 * What the client's page may call by shorter names when it is built: methods, parts and state of our own. None of them is a field on the
 * wire, of what the browser keeps, of the document or of the page's element: test/names.test.mjs sees to that.
 */

export const OWN_NAMES = `
  allowed amend answer_survey asking attach below componentDidMount componentDidUpdate
  componentWillUnmount connection correct current delete_all description dispatch doubt draft drawn
  enter exit fetch_earlier give_up gone heard_at held instance is_attached_to is_looking is_offline
  keeper kwargs language_changed leave leaving linked listen live_after log_in looked
  make_return_code newest next_nonce offline on_correct on_draft on_earlier on_event on_filled
  on_given_up on_lost on_problems on_revoked on_send on_try_again on_yes open_socket parts pending
  probe problems props publish put_away refused render scrolled setState socket stale start_again
  stuck to_end try_again undelivered welcomed yes
`
  .trim()
  .split(/\s+/);
