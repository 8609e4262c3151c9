/* lookup/vacation.c - whether a letter is answered; and the order in which it is */
#include "lookup/vacation_parts.h"

#include "base/clock.h"
#include "lookup/directory.h"
#include "model/address.h"

#include <string.h>

/* ---- user#domain@vacation.domain ---- */

/* A local part that stands in quotes, without them: longer than one may be, because a domain is in it. */
static struct text unquoted(struct task *t, struct text given)
{
    char *at;
    size_t used = 0;

    if (given.length < 2 || given.at[0] != '"' || given.at[given.length - 1] != '"')
        return given;
    at = task_alloc(t, given.length);
    for (size_t i = 1; i + 1 < given.length; i++) {
        i += given.at[i] == '\\' && i + 2 < given.length;
        at[used++] = given.at[i];
    }
    return (struct text){ at, used };
}

static bool is_delimiter(const struct config *c, char octet)
{
    return text_find(c->mail.recipient_delimiter, octet) != TEXT_NOT_FOUND;
}

/* MISSING: there is no notice of that name. Nothing that is no address has one. */
static enum outcome find_notice(struct task *t, struct text local_part, struct text domain, struct vacation_notice *out)
{
    struct text written = task_join(t, task_join(t, local_part, TEXT("@")), domain), address;

    if (address_canon(t, "recipient", written, &address) == DONE)
        return store_vacation_notice(t, address, out);
    task_forget_problems(t);
    return MISSING;
}

/* Postfix hands on what stood behind user+ in the letter's address: user#domain+list. Domains may hold a hyphen, and that may
 * be the delimiter, so the longest that has a notice is meant. */
static enum outcome find_recipient(struct letter_in_hand *l)
{
    struct text at = unquoted(l->t, text_part(l->given->recipient, 0, text_find_last(l->given->recipient, '@')));
    size_t hash = text_find_last(at, '#');
    struct text local_part = text_part(at, 0, hash), domain = text_part(at, hash + 1, at.length);
    enum outcome o;

    if (hash == TEXT_NOT_FOUND)
        return MISSING;
    o = find_notice(l->t, local_part, domain, &l->notice);
    for (size_t i = domain.length; o == MISSING && i-- > 1;)
        if (is_delimiter(l->config, domain.at[i]))
            o = find_notice(l->t, local_part, text_part(domain, 0, i), &l->notice);
    return o;
}

/* As it stands in the mailbox's own alias, but for quotes. */
static struct text target_of(const struct letter_in_hand *l)
{
    struct address own = address_split(l->notice.address);
    struct text domain = l->config->mail.vacation_domain;

    return task_printf(l->t, "%.*s#%.*s@%.*s", (int)own.local_part.length, own.local_part.at, (int)own.domain.length,
                       own.domain.at, (int)domain.length, domain.at);
}

/* ---- robots ---- */

/* Their local parts: RFC 5230, 4.6, and what vacation.pl knows besides. */
static const char *const robots[] = {
    "mailer-daemon", "postmaster", "listserv", "listproc", "majordomo", "mailman", "owner-*", "request-*", "bounce-*",
    "bounces-*", "bounce", "bounces", "*-owner", "*-request", "*-bounce", "*-bounces", "noreply*", "no-reply*", "no_reply*",
    "donotreply*", "do-not-reply*", "do_not_reply*",
};

static bool is_like(struct text given, struct text pattern)
{
    if (text_starts(pattern, TEXT("*")))
        return text_ends(given, text_part(pattern, 1, pattern.length));
    if (text_ends(pattern, TEXT("*")))
        return text_starts(given, text_part(pattern, 0, pattern.length - 1));
    return text_equal(given, pattern);
}

static bool is_robot(struct text address)
{
    struct text name = address_split(address).local_part;

    name = text_part(name, 0, text_find(name, '+')); /* list-bounces+taro=example.jp@ */
    for (size_t i = 0; i < COUNT(robots); i++)
        if (is_like(name, text_of(robots[i])))
            return true;
    return false;
}

/* ---- whose addresses ---- */

#define QUESTIONS_MAX 200 /* of one letter */
#define ADDRESSES_MAX 64  /* that one address may lead over */

struct way { /* from one address onwards; breadth first, so that loops end */
    struct text seen[ADDRESSES_MAX];
    size_t count;
    bool arrived;
};

static void go_on(struct way *w, struct text address)
{
    for (size_t i = 0; i < w->count; i++)
        if (text_equal(w->seen[i], address))
            return;
    if (w->count < ADDRESSES_MAX)
        w->seen[w->count++] = address;
}

static enum outcome ask(struct letter_in_hand *l, const char *map, struct text key, struct text *out)
{
    if (l->questions == QUESTIONS_MAX)
        return MISSING;
    l->questions++;
    return directory_answer(l->t, l->config, question_named(text_of(map)), key, out);
}

static struct text without_extension(struct letter_in_hand *l, struct text address)
{
    struct address a = address_split(address);

    for (size_t i = 1; i < a.local_part.length; i++)
        if (is_delimiter(l->config, a.local_part.at[i])) {
            a.local_part.length = i;
            return address_bare(l->t, &a);
        }
    return address;
}

static bool is_own(struct letter_in_hand *l, struct text address)
{
    return text_equal(address, l->notice.address) || text_equal(without_extension(l, address), l->notice.address);
}

/* As virtual(5) asks: the address, without its extension, its domain. */
static enum outcome next_stations(struct letter_in_hand *l, struct text address, struct text *out)
{
    struct text plain = without_extension(l, address);
    enum outcome o = ask(l, "virtual_alias_maps", address, out);

    if (o == MISSING && !text_equal(plain, address))
        o = ask(l, "virtual_alias_maps", plain, out);
    if (o == MISSING)
        o = ask(l, "virtual_alias_maps", task_join(l->t, TEXT("@"), address_split(address).domain), out);
    return o;
}

/* The mailbox of an address, by where its letters lie: through an alias domain it is the same one by another name. */
static enum outcome find_maildir(struct letter_in_hand *l, struct text address, struct text *out)
{
    return ask(l, "virtual_mailbox_maps", without_extension(l, address), out);
}

/* Somebody else's mailbox is somebody else, even if it sends its letters on to us: the way ends there. */
static enum outcome expand(struct letter_in_hand *l, struct way *w, struct text address)
{
    struct text stations = TEXT(""), maildir = TEXT("");
    enum outcome o = next_stations(l, address, &stations);
    struct texts list;

    if (o == DONE)
        o = find_maildir(l, address, &maildir);
    w->arrived = o == DONE && text_equal(maildir, l->maildir);
    if (o != MISSING)
        return o;
    list = destinations_split(l->t, stations);
    for (size_t i = 0; i < list.count; i++) {
        struct text next;

        if (address_canon(l->t, "destination", list.items[i], &next) == DONE)
            go_on(w, next);
        else
            go_on(w, list.items[i]); /* our own target may be longer than an address */
        task_forget_problems(l->t);
    }
    return DONE;
}

/* DONE: letters to that address reach the mailbox, by aliases. MISSING: they do not. */
static enum outcome leads_here(struct letter_in_hand *l, struct text address)
{
    struct way w = { .count = 0 };
    enum outcome o = MISSING;

    go_on(&w, address);
    for (size_t i = 0; i < w.count; i++) {
        if (is_own(l, w.seen[i]) || (i > 0 && text_equal(w.seen[i], l->target))) /* nobody writes to the target itself */
            return DONE;
        o = expand(l, &w, w.seen[i]);
        if (w.arrived)
            return DONE;
        if (o != DONE && o != MISSING)
            return o;
    }
    return MISSING;
}

static bool any_is_own(struct letter_in_hand *l, const struct texts *addresses)
{
    for (size_t i = 0; i < addresses->count; i++)
        if (is_own(l, addresses->items[i]))
            return true;
    return false;
}

static enum outcome any_leads_here(struct letter_in_hand *l, const struct texts *addresses)
{
    enum outcome o = any_is_own(l, addresses) ? DONE : MISSING;

    for (size_t i = 0; o == MISSING && i < addresses->count; i++)
        o = leads_here(l, addresses->items[i]);
    return o;
}

/* ---- the verdict ---- */

/* CONFLICT: nobody answers it, because of `words`. */
static enum outcome never(struct text *words, const char *why)
{
    *words = text_of(why);
    return CONFLICT;
}

static enum outcome check_envelope(struct letter_in_hand *l, struct text *words)
{
    const struct vacation_letter *given = l->given;
    size_t at = text_find_last(given->recipient, '@');

    if (!text_equal_folded(text_part(given->recipient, at + 1, given->recipient.length), l->config->mail.vacation_domain)
        || at == TEXT_NOT_FOUND) {
        *words = TEXT("the recipient is not in [mail] vacation_domain of the configuration");
        return RETRY;
    }
    if (given->sender.length == 0)
        return never(words, "it has no sender");
    if (address_canon(l->t, "sender", given->sender, &l->sender) != DONE) {
        task_forget_problems(l->t);
        return never(words, "its sender is no address");
    }
    return is_robot(l->sender) ? never(words, "its sender is a robot") : DONE;
}

static enum outcome check_head(struct letter_in_hand *l, struct text *words)
{
    if (l->given->cut)
        return never(words, "its head is too long");
    if (l->head.unanswerable.at) {
        *words = l->head.unanswerable;
        return CONFLICT;
    }
    return DONE;
}

static enum outcome check_notice(struct letter_in_hand *l, struct text *words)
{
    enum outcome o = directory_connect(l->t, l->config);

    if (o == DONE)
        o = find_recipient(l);
    if (o == DONE) {
        l->target = target_of(l);
        o = find_maildir(l, l->notice.address, &l->maildir);
    }
    if (o == MISSING)
        return never(words, "nobody is away");
    if (o != DONE)
        *words = TEXT("the database cannot tell now");
    return o;
}

static enum outcome check_people(struct letter_in_hand *l, struct text *words)
{
    struct texts sender = { &l->sender, 1 };
    enum outcome o;

    if (any_is_own(l, &l->head.authors))
        return never(words, "it is from the mailbox itself");
    o = any_leads_here(l, &sender);
    if (o == DONE)
        return never(words, "it is from the mailbox itself");
    if (o == MISSING)
        o = any_leads_here(l, &l->head.recipients);
    if (o == MISSING)
        return never(words, "it names neither the mailbox nor an alias of it");
    if (o != DONE)
        *words = TEXT("the database cannot tell now");
    return o;
}

static enum outcome answer(struct letter_in_hand *l, struct text *words)
{
    enum outcome o = RETRY;

    *words = TEXT("the configuration cannot be read");
    if (l->config)
        o = check_envelope(l, words);
    if (o == DONE)
        o = check_head(l, words);
    if (o == DONE)
        o = check_notice(l, words);
    if (o == DONE)
        o = check_people(l, words);
    if (o == DONE)
        o = vacation_reply(l, words);
    return o;
}

/* An answer after so long is of no use to anybody. */
static bool is_too_late(const struct letter_in_hand *l)
{
    return l->head.received.known
        && clock_unix_seconds() - l->head.received.unix_seconds >= VACATION_PATIENCE_SECONDS;
}

enum outcome vacation_answer(struct task *t, const struct config *c, const struct vacation_letter *given, struct text *words)
{
    struct letter_in_hand l = { .t = t, .config = c, .given = given };
    enum outcome o;

    incoming_read(t, given->head, &l.head);
    o = answer(&l, words);
    if (o == DONE)
        return DONE;
    if (o == CONFLICT || is_too_late(&l)) {
        *words = task_printf(t, "not answered%s: %.*s", o == CONFLICT ? "" : ", after four days", (int)words->length, words->at);
        return DONE;
    }
    *words = task_printf(t, "not answered yet: %.*s", (int)words->length, words->at);
    return RETRY;
}
