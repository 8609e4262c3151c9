/* lookup/vacation_reply.c - the answer itself: what it says, and the order of claim, letter and note (vacation.h, ONCE) */
#include "lookup/vacation_parts.h"

#include "base/clock.h"
#include "base/log.h"
#include "model/address.h"
#include "outside/letter.h"
#include "outside/words.h"

#include <string.h>

#define NAME_MAX_OCTETS 255
#define SUBJECT_MAX_OCTETS 2048
#define BODY_MAX_OCTETS ((size_t)1 << 18)

/* ---- what it says ---- */

/* Postfix Admin's place for the letter's own subject. */
static struct text filled(struct task *t, struct text pattern, struct text subject)
{
    const struct text place = TEXT("$SUBJECT");
    struct text out = TEXT("");

    while (pattern.length) {
        const char *at = memmem(pattern.at, pattern.length, place.at, place.length);
        size_t before = at ? (size_t)(at - pattern.at) : pattern.length;

        out = task_join(t, out, text_part(pattern, 0, before));
        if (at)
            out = task_join(t, out, subject);
        pattern = text_part(pattern, before + (at ? place.length : 0), pattern.length);
    }
    return out;
}

/* RFC 3834, 3.1.5, where whoever is away wrote none. */
static struct text subject_of(struct letter_in_hand *l)
{
    struct text pattern = text_trim(l->notice.subject);

    if (pattern.length == 0)
        pattern = TEXT("Auto: $SUBJECT");
    return words_of(l->t, filled(l->t, pattern, l->head.subject), SUBJECT_MAX_OCTETS, "");
}

/* The sender's local part as it came, because only its own server knows whether "Taro" is "taro". */
static struct text way_back(struct letter_in_hand *l)
{
    struct text given = l->given->sender;

    return task_join(l->t, text_part(given, 0, text_find_last(given, '@') + 1), address_split(l->sender).domain);
}

static struct texts thread_of(struct letter_in_hand *l)
{
    struct texts all = { task_alloc(l->t, (l->head.references.count + 1) * sizeof *all.items), 0 };

    for (size_t i = 0; i < l->head.references.count; i++)
        all.items[all.count++] = l->head.references.items[i];
    if (l->head.message_id.at)
        all.items[all.count++] = l->head.message_id;
    return all;
}

static struct letter letter_of(struct letter_in_hand *l, struct letter_handover *handover)
{
    struct address own = address_split(l->notice.address);

    return (struct letter){
        .from = address_quoted(l->t, &own),
        .from_name = words_of(l->t, l->notice.display_name, NAME_MAX_OCTETS, ""),
        .to = way_back(l),
        .subject = subject_of(l),
        .body = words_of(l->t, l->notice.body, BODY_MAX_OCTETS, "\t\r\n"),
        .unix_seconds = clock_unix_seconds(),
        .charset = l->head.iso_2022_jp ? LETTER_ISO_2022_JP : LETTER_UTF_8,
        .reply = true,
        .in_reply_to = l->head.message_id,
        .references = thread_of(l),
        .handover = handover,
    };
}

static struct letter_route route_of(const struct letters_settings *s)
{
    size_t tls = 0;

    while (letters_tls_words[tls] && !text_equal(s->tls, text_of(letters_tls_words[tls])))
        tls++;
    return (struct letter_route){ .host = s->smtp_host, .port = s->smtp_port, .tls = (enum letter_tls)tls,
                                  .user = s->username, .password = s->password, .helo = s->helo, .ca_file = s->ca_file,
                                  .seconds = s->timeout_seconds };
}

/* ---- claim, letter, note ---- */

struct handing {
    struct letter_in_hand *l;
    const struct vacation_answer *answer;
    bool handed;
};

static bool hand_over(void *context)
{
    struct handing *h = context;

    h->handed = store_vacation_stage(h->l->t, h->answer, ANSWER_HANDED) == DONE;
    return h->handed;
}

/* What cannot be noted does no harm: the row then keeps others from answering as long, or a little shorter. */
static void note(struct letter_in_hand *l, const struct vacation_answer *a, enum answer_stage stage)
{
    if (store_vacation_stage(l->t, a, stage) != DONE)
        log_line(LOG_WARN, "%.*s: that %.*s has had an answer could not be noted", (int)a->address.length, a->address.at,
                 (int)a->sender.length, a->sender.at);
}

/* "554 5.7.1 Relay access denied": our own server does not let us, which is about this machine and not about the letter. */
static bool is_policy(struct text words)
{
    return text_starts(text_part(words, 3, words.length), TEXT(" 5.7."));
}

static enum outcome conclude(struct letter_in_hand *l, const struct vacation_answer *a, enum outcome sent, bool handed,
                             bool in_doubt, struct text *words)
{
    struct text said = *words;

    if (sent == INVALID && is_policy(said))
        sent = RETRY;
    if (sent == RETRY && in_doubt) {
        *words = task_printf(l->t, "answered, perhaps: %.*s", (int)said.length, said.at);
        return DONE;
    }
    if (sent != DONE && sent != INVALID) {
        if (handed)
            note(l, a, ANSWER_CLAIMED);
        return RETRY;
    }
    note(l, a, ANSWER_ANSWERED);
    if (sent == INVALID) {
        *words = said.length ? said : TEXT("its sender's address takes no letter");
        return CONFLICT;
    }
    *words = task_printf(l->t, "answered: %.*s", (int)said.length, said.at);
    return DONE;
}

static enum outcome send(struct letter_in_hand *l, const struct vacation_answer *a, struct text *words)
{
    struct handing handing = { l, a, false };
    struct letter_handover handover = { hand_over, &handing, false };
    struct letter_route route = route_of(&l->config->letters);
    struct letter letter = letter_of(l, &handover);
    enum outcome o = letter_send(l->t, &route, &letter, words);

    task_forget_problems(l->t);
    return conclude(l, a, o, handing.handed, handover.in_doubt, words);
}

enum outcome vacation_reply(struct letter_in_hand *l, struct text *words)
{
    struct vacation_answer a = { .address = l->notice.address, .sender = l->sender, .letter = l->head.digest };
    enum outcome o = store_vacation_claim(l->t, &a);

    if (o == CONFLICT)
        *words = TEXT("its sender has had an answer");
    else if (o != DONE)
        *words = TEXT("the database cannot tell now");
    return o == DONE ? send(l, &a, words) : o;
}
