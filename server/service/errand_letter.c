/* server/service/errand_letter.c - letters after a commit: those of the service itself, and one from an admin */
#include "service/errand_kind.h"
#include "service/tables.h"

#include "base/clock.h"
#include "model/address.h"
#include "model/letter.h"
#include "model/problem.h"
#include "outside/letter.h"
#include "store/domain.h"

#include <string.h>

#define HOUR 3600

/* How a letter waits: packed texts in this order. */
enum { FROM, FROM_NAME, TO, TO_NAME, LANGUAGE, SUBJECT, BODY, PARTS };

struct letter_route letters_route(const struct config *c)
{
    const struct letters_settings *l = &c->letters;
    size_t tls = 0;

    while (letters_tls_words[tls] && !text_equal(l->tls, text_of(letters_tls_words[tls])))
        tls++;
    return (struct letter_route){ .host = l->smtp_host, .port = l->smtp_port, .tls = (enum letter_tls)tls,
                                  .user = l->username, .password = l->password, .helo = l->helo, .ca_file = l->ca_file,
                                  .seconds = l->timeout_seconds };
}

/* Our own name, where no domain of ours is concerned: the mail host's, else the one people know. */
static struct text house(const struct config *c)
{
    struct text url = c->server.public_url, scheme = TEXT("://");
    size_t colon = text_find(url, ':');

    if (c->mail.hostname.length || colon == TEXT_NOT_FOUND)
        return c->mail.hostname;
    url = text_part(url, colon + scheme.length, url.length);
    url = text_part(url, 0, text_find(url, '/'));
    return text_part(url, 0, text_find(url, ':'));
}

struct text letters_from(struct task *t, const struct config *c, struct text domain)
{
    struct text here = domain.length ? domain : house(c);

    if (c->letters.from.length)
        return c->letters.from;
    return here.length ? task_join(t, TEXT("postmaster@"), here) : TEXT("");
}

struct text letters_from_actor(struct work *w, struct text domain)
{
    const struct text name = w->actor->username;

    return text_find(name, '@') != TEXT_NOT_FOUND ? name : letters_from(w->t, w->s->config, domain);
}

struct text letters_written(struct task *t, struct text address)
{
    struct address a = address_split(address);

    return address_quoted(t, &a);
}

static void want(struct work *w, struct text event, struct text list[PARTS], bool secret)
{
    struct texts parts = { list, PARTS };
    struct errand_wanted letter = { .e = { .kind = TEXT("letter"), .event = event, .target = list[TO],
                                           .payload = TEXT("") } };

    for (size_t i = 0; i < PARTS; i++)
        if (!list[i].at)
            list[i] = TEXT("");
    if (secret)
        letter.secret = texts_pack(w->t, &parts);
    else
        letter.e.payload = texts_pack(w->t, &parts);
    errand_want(w, &letter);
}

static struct letter_template template_of(const struct config *c, enum letter_kind kind, size_t language)
{
    const struct letter_template *own = &c->welcome[language];

    return kind == LETTER_WELCOME && own->subject.length ? *own : letter_builtin(kind, language);
}

void errand_letter(struct work *w, const struct letter_wanted *l)
{
    const struct config *c = w->s->config;
    size_t language = letter_language(l->language.length ? l->language : c->letters.language);
    struct letter_template words = template_of(c, l->kind, language);
    struct text list[PARTS] = {
        [FROM] = letters_from(w->t, c, l->domain),
        [FROM_NAME] = c->letters.from_name,
        [TO] = l->to,
        [TO_NAME] = l->to_name,
        [LANGUAGE] = text_of(letter_language_words[language]),
        [SUBJECT] = letter_fill_line(w->t, words.subject, l->values, l->count),
        [BODY] = letter_fill(w->t, words.body, l->values, l->count),
    };

    want(w, text_of(letter_kind_words[l->kind]), list, l->secret);
}

int64_t letter_seconds(const struct config *c)
{
    return c->letters.timeout_seconds;
}

enum outcome letter_run(struct errand_run *r)
{
    struct letter_route route = letters_route(r->s->config);
    struct texts parts = { 0 };
    struct letter l;
    struct text *p;

    r->words = TEXT("what it says cannot be read");
    if (!texts_unpack(r->t, r->secret.at ? r->secret : r->e->payload, &parts) || parts.count != PARTS)
        return INVALID;
    p = parts.items;
    l = (struct letter){
        .envelope_from = letters_written(r->t, p[FROM]), .from = letters_written(r->t, p[FROM]),
        .from_name = p[FROM_NAME], .to = letters_written(r->t, p[TO]), .to_name = p[TO_NAME], .subject = p[SUBJECT],
        .body = p[BODY], .language = p[LANGUAGE], .unix_seconds = clock_unix_seconds(),
        .message_id = task_printf(r->t, "%.*s@%.*s", (int)r->e->delivery.length, r->e->delivery.at,
                                  (int)address_split(p[FROM]).domain.length, address_split(p[FROM]).domain.at),
    };
    r->words = TEXT("an address, a name or the subject cannot stand in a letter");
    return letter_send(r->t, &route, &l, &r->words);
}

/* ---- one letter of an admin's ---- */

static enum outcome place(struct work *w)
{
    w->key = ((const struct own_letter *)w->in->body)->to;
    w->domain = address_split(w->key).domain;
    return DONE;
}

enum outcome letters_within_limit(struct work *w)
{
    int64_t recent = 0;
    enum outcome o = store_errand_recent(w->t, w->actor->username, w->verb->name, HOUR, &recent);

    if (o != DONE || recent < w->s->config->letters.per_hour)
        return o;
    w->out->wait_seconds = HOUR / 60;
    return BUSY;
}

/* In the name of the domain that gets it, if that is ours; never in that of a stranger's. */
static enum outcome sender_of(struct work *w, struct text *out)
{
    enum outcome here = store_domain_exists(w->t, w->domain);

    if (here != DONE && here != MISSING)
        return here;
    *out = letters_from_actor(w, here == DONE ? w->domain : TEXT(""));
    return out->length ? DONE : task_problem(w->t, "to", &problem_no_sender);
}

static enum outcome create(struct work *w)
{
    struct own_letter *l = task_alloc(w->t, sizeof *l);
    enum outcome o = letters_within_limit(w);

    *l = *(const struct own_letter *)w->in->body;
    if (o == DONE)
        o = sender_of(w, &l->from);
    if (o == DONE) {
        want(w, TEXT("own"), (struct text[PARTS]){ [FROM] = l->from, [TO] = l->to, [SUBJECT] = l->subject,
                                                   [BODY] = l->body }, false);
    }
    w->out->item = l;
    return o;
}

const struct resource letter_resource = {
    .noun = "letter", .key = "to", .shape = &own_letter_shape, .canon = address_canon, .place = place,
    .size = sizeof(struct own_letter),
};

const struct verb letter_verbs[] = {
    { "letter.create", ACT_CREATE, MAY_SEND_LETTERS, &letter_resource, &own_letter_shape, &own_letter_shape, create,
      "Send a letter to one address", false },
    { 0 },
};
