/* server/outside/compose.c - the text of a letter (letter.h)
 *
 * Header values are checked before anything is written: an end of line in one would begin another header. Whatever is
 * not short, printable ASCII becomes encoded words (RFC 2047), which also fold where any reader unfolds them alike.
 */
#include "outside/base64.h"
#include "outside/letter.h"
#include "outside/words.h"

#include <assert.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define ADDRESS_MAX 254      /* octets; RFC 5321, 4.5.3.1.3 */
#define LINE_MAX_OCTETS 76   /* RFC 2045, 6.8 and RFC 2047, 2; well below the 998 of RFC 5322 */
#define WORD_OCTETS 45       /* of text in one encoded word: 60 digits and 12 octets around them */
#define DATE_LAST 253402300799 /* the year 9999 */

/* ---- what may stand in a header ---- */

static bool address_is_sound(struct text given)
{
    size_t at = text_find_last(given, '@');
    struct text local_part = text_part(given, 0, at), domain = text_part(given, at + 1, given.length);

    if (at == TEXT_NOT_FOUND || local_part.length == 0 || domain.length == 0 || given.length > ADDRESS_MAX)
        return false;
    for (size_t i = 0; i < given.length; i++)
        if (given.at[i] <= ' ' || given.at[i] > '~' || strchr("\"(),:;<>[\\]", given.at[i]))
            return false;
    return text_find(local_part, '@') == TEXT_NOT_FOUND;
}

static enum outcome check_address(struct task *t, const char *field, struct text given)
{
    return address_is_sound(given) ? DONE : task_problem(t, field, &problem_malformed);
}

static enum outcome check_words(struct task *t, const char *field, struct text given, const char *allowed)
{
    if (!text_is_utf8(given))
        return task_problem(t, field, &problem_bad_encoding);
    return text_has_control(given, allowed) ? task_problem(t, field, &problem_bad_character) : DONE;
}

static enum outcome check_language(struct task *t, struct text given)
{
    for (size_t i = 0; i < given.length; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", given.at[i]) || !given.at[i])
            return task_problem(t, "language", &problem_bad_character);
    return DONE;
}

static enum outcome check(struct task *t, const struct letter *l)
{
    enum outcome o = l->envelope_from.length ? check_address(t, "envelope_from", l->envelope_from) : DONE;

    if (o == DONE)
        o = check_address(t, "from", l->from);
    if (o == DONE)
        o = check_address(t, "to", l->to);
    if (o == DONE)
        o = check_words(t, "from_name", l->from_name, "");
    if (o == DONE)
        o = check_words(t, "to_name", l->to_name, "");
    if (o == DONE)
        o = check_words(t, "subject", l->subject, "");
    if (o == DONE)
        o = check_words(t, "body", l->body, "\t\r\n");
    if (o == DONE)
        o = check_language(t, l->language);
    if (o == DONE && l->message_id.at)
        o = check_address(t, "message_id", l->message_id);
    if (o == DONE && (l->unix_seconds < 0 || l->unix_seconds > DATE_LAST))
        o = task_problem(t, "unix_seconds", &problem_malformed);
    return o;
}

/* ---- writing: a buffer that is long enough from the start, and the column for folding ---- */

struct page {
    char *at;
    size_t used, room, column;
};

static void put(struct page *p, struct text given)
{
    size_t last;

    assert(given.length <= p->room - p->used); /* page_of() reckoned wrongly; without asserts the letter is cut */
    if (given.length == 0 || given.length > p->room - p->used)
        return;
    memcpy(p->at + p->used, given.at, given.length);
    p->used += given.length;
    last = text_find_last(given, '\n');
    p->column = last == TEXT_NOT_FOUND ? p->column + given.length : given.length - last - 1;
}

static void put_header(struct page *p, const char *name, struct text value)
{
    put(p, text_of(name));
    put(p, TEXT(": "));
    put(p, value);
    put(p, TEXT("\r\n"));
}

/* The longest run of whole code points from the start of `given` within `most` octets. */
static size_t whole_code_points(struct text given, size_t most)
{
    size_t length = given.length < most ? given.length : most;

    while (length && length < given.length && ((unsigned char)given.at[length] & 0xC0) == 0x80)
        length--;
    return length;
}

static void put_encoded(struct page *p, struct text given)
{
    while (given.length) {
        char digits[BASE64_LENGTH(WORD_OCTETS)];
        size_t left = LINE_MAX_OCTETS > p->column + 12 ? (LINE_MAX_OCTETS - p->column - 12) / 4 * 3 : 0;
        size_t length = whole_code_points(given, left < WORD_OCTETS ? left : WORD_OCTETS);

        if (length) {
            put(p, TEXT("=?UTF-8?B?"));
            put(p, (struct text){ digits, base64_put(digits, given.at, length) });
            put(p, TEXT("?="));
            given = text_part(given, length, given.length);
        }
        if (given.length)
            put(p, TEXT("\r\n "));
    }
}

/* As it is where that is short and nobody could read it as something else. */
static bool needs_encoding(const struct page *p, struct text given)
{
    return !words_are_plain(given) || p->column + given.length > LINE_MAX_OCTETS
        || text_trim(given).length != given.length || memmem(given.at, given.length, "=?", 2);
}

static void put_subject(struct page *p, struct text subject)
{
    put(p, TEXT("Subject: "));
    if (subject.length && needs_encoding(p, subject))
        put_encoded(p, subject);
    else
        put(p, subject);
    put(p, TEXT("\r\n"));
}

static void put_quoted(struct page *p, struct text name)
{
    put(p, TEXT("\""));
    for (size_t i = 0; i < name.length; i++) {
        if (name.at[i] == '"' || name.at[i] == '\\')
            put(p, TEXT("\\"));
        put(p, text_part(name, i, 1));
    }
    put(p, TEXT("\""));
}

static void put_person(struct page *p, const char *header, struct text name, struct text address)
{
    put(p, text_of(header));
    put(p, TEXT(": "));
    if (name.length) {
        if (needs_encoding(p, name))
            put_encoded(p, name);
        else
            put_quoted(p, name);
        put(p, p->column + address.length + 3 > LINE_MAX_OCTETS ? TEXT("\r\n ") : TEXT(" "));
    }
    put(p, TEXT("<"));
    put(p, address);
    put(p, TEXT(">\r\n"));
}

/* ---- date and Message-ID ---- */

static struct text date_of(struct task *t, int64_t unix_seconds)
{
    static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    time_t when = (time_t)unix_seconds;
    struct tm at;

    gmtime_r(&when, &at);
    return task_printf(t, "%s, %02d %s %d %02d:%02d:%02d +0000", days[at.tm_wday], at.tm_mday, months[at.tm_mon],
                       at.tm_year + 1900, at.tm_hour, at.tm_min, at.tm_sec);
}

static enum outcome fresh_message_id(struct task *t, const struct letter *l, struct text *out)
{
    struct text domain = text_part(l->from, text_find_last(l->from, '@') + 1, l->from.length);
    uint64_t random[2];

    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return RETRY;
    *out = task_printf(t, "%llx%016llx.%llx@%.*s", (unsigned long long)random[0], (unsigned long long)random[1],
                       (unsigned long long)l->unix_seconds, (int)domain.length, domain.at);
    return DONE;
}

/* ---- the body ---- */

/* With CRLF at every line's end, the last one's too. */
static struct text with_crlf(struct task *t, struct text given)
{
    char *at = task_alloc(t, given.length * 2 + 3);
    size_t used = 0;

    for (size_t i = 0; i < given.length; i++) {
        bool ends = given.at[i] == '\n' || (given.at[i] == '\r' && (i + 1 == given.length || given.at[i + 1] != '\n'));

        if (ends) {
            at[used++] = '\r';
            at[used++] = '\n';
        } else if (given.at[i] != '\r') {
            at[used++] = given.at[i];
        }
    }
    if (used && at[used - 1] != '\n') {
        at[used++] = '\r';
        at[used++] = '\n';
    }
    return (struct text){ at, used };
}

/* Short lines of ASCII pass every server unchanged. */
static bool fits_seven_bits(struct text body)
{
    size_t column = 0;

    for (size_t i = 0; i < body.length; i++) {
        column = body.at[i] == '\n' ? 0 : column + 1;
        if ((unsigned char)body.at[i] > 0x7E || column > LINE_MAX_OCTETS + 3)
            return false;
    }
    return true;
}

static void put_base64(struct page *p, struct text body)
{
    while (body.length) {
        char digits[LINE_MAX_OCTETS];
        struct text line = text_part(body, 0, LINE_MAX_OCTETS / 4 * 3);

        put(p, (struct text){ digits, base64_put(digits, line.at, line.length) });
        put(p, TEXT("\r\n"));
        body = text_part(body, line.length, body.length);
    }
}

/* An upper bound of what is written: encoded words take at most six octets for one, folding and all. */
static struct page page_of(struct task *t, const struct letter *l, struct text body)
{
    struct page p = { .room = 2048 + 2 * body.length };

    p.room += 8 * (l->subject.length + l->from_name.length + l->to_name.length);
    p.room += 2 * (l->from.length + l->to.length + l->message_id.length + l->language.length);
    p.at = task_alloc(t, p.room + 1);
    return p;
}

enum outcome letter_compose(struct task *t, const struct letter *l, struct text *out)
{
    enum outcome o = check(t, l);
    struct text body, id = l->message_id;
    struct page p;

    if (o == DONE && !id.at)
        o = fresh_message_id(t, l, &id);
    if (o != DONE)
        return o;
    body = with_crlf(t, l->body);
    p = page_of(t, l, body);
    put_header(&p, "Date", date_of(t, l->unix_seconds));
    put_person(&p, "From", l->from_name, l->from);
    put_person(&p, "To", l->to_name, l->to);
    put_subject(&p, l->subject);
    put(&p, TEXT("Message-ID: <"));
    put(&p, id);
    put(&p, TEXT(">\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"));
    if (l->language.length)
        put_header(&p, "Content-Language", l->language);
    put_header(&p, "Content-Type", TEXT("text/plain; charset=UTF-8"));
    if (fits_seven_bits(body)) {
        put(&p, TEXT("Content-Transfer-Encoding: 7bit\r\n\r\n"));
        put(&p, body);
    } else {
        put(&p, TEXT("Content-Transfer-Encoding: base64\r\n\r\n"));
        put_base64(&p, body);
    }
    *out = (struct text){ p.at, p.used };
    return DONE;
}
