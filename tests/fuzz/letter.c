/* tests/fuzz/letter.c - lookup/incoming.h: the head of any letter is read within its bounds, and nothing in it can break out of
 * the header of an answer */
#include "fuzz.h"

#include "lookup/incoming.h"
#include "model/address.h"

void fuzz_start(void)
{
    incoming_start();
}

/* What becomes part of a header line of ours. */
static void check_line(struct text line, size_t most)
{
    HOLDS(line.length <= most && text_is_utf8(line) && !text_has_control(line, ""));
}

static void check_addresses(struct task *t, const struct texts *list)
{
    struct text again = { 0 };

    HOLDS(list->count <= INCOMING_RECIPIENTS_MAX);
    for (size_t i = 0; i < list->count; i++) {
        struct address a = address_split(list->items[i]);

        check_line(list->items[i], ADDRESS_MAX);
        HOLDS(a.local_part.length && a.domain.length);
        HOLDS(address_canon(t, "x", address_quoted(t, &a), &again) == DONE && text_equal(again, list->items[i]));
    }
}

static void check_id(struct text id)
{
    check_line(id, INCOMING_ID_MAX);
    HOLDS(id.length && text_find(id, '<') == TEXT_NOT_FOUND && text_find(id, '>') == TEXT_NOT_FOUND
          && text_find(id, ' ') == TEXT_NOT_FOUND);
}

void fuzz_one(struct task *t, struct text input)
{
    struct incoming in = { 0 };

    incoming_read(t, input, &in);
    if (in.unanswerable.at)
        HOLDS(text_is_utf8(in.unanswerable) && !text_has_control(in.unanswerable, ""));
    check_line(in.subject, INCOMING_SUBJECT_MAX);
    check_addresses(t, &in.recipients);
    check_addresses(t, &in.authors);
    if (in.message_id.at)
        check_id(in.message_id);
    HOLDS(in.references.count <= INCOMING_REFERENCES_MAX);
    for (size_t i = 0; i < in.references.count; i++)
        check_id(in.references.items[i]);
    HOLDS(in.digest.length == 64);
}
