"""What real senders send and real people write, each with what must become of it.

Every case goes through the product's own entry: `cancelctl sources check` for a configuration, `cancelctl sources try`
for a delivery. Those that need a running stack are in tests/e2e/test_cases.py.

The inputs come from public reports about webhooks, key sets and JMESPath. A row that has an address cites the report;
pytest shows it as the id of the test. Wording and data are our own. Four rules decide what is right:

- A field that only describes (reason, requested_by, starts_at) never refuses a cancellation. If it cannot be read, it
  is left out and the request carries a note.
- A field that decides (session, cancel_without_email, filter) is never guessed.
- What cannot be judged is refused by name.
- An expression that can only be null is refused when the configuration is checked.
"""
