/* server/outside/compose.c - the text of a letter (letter.h)
 *
 * Header values are checked before anything is written: an end of line in one would begin another header. Whatever is
 * not short, printable ASCII becomes encoded words (RFC 2047), which also fold where any reader unfolds them alike.
 */
#include "outside/base64.h"
#include "outside/letter.h"
#include "outside/words.h"

#include <assert.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define ADDRESS_MAX 254      /* octets; RFC 5321, 4.5.3.1.3 */
#define LINE_MAX_OCTETS 76   /* RFC 2045, 6.8 and RFC 2047, 2; well below the 998 of RFC 5322 */
#define WORD_OCTETS 45       /* of text in one encoded word: 60 digits and what is around them */
#define JIS_LINE_MAX_OCTETS 990 /* RFC 5322, 2.1.1: a line of ISO-2022-JP goes as it is, escapes and all */
#define DATE_LAST 253402300799 /* the year 9999 */

/* ---- what may stand in a header ---- */

/* "a..b"@docomo.ne.jp: what is no dot-atom stands in quotes (RFC 5321, 4.1.2). */
static bool is_quoted(struct text given)
{
    if (given.length < 3 || given.at[0] != '"' || given.at[given.length - 1] != '"')
        return false;
    for (size_t i = 1; i + 1 < given.length; i++) {
        bool escaped = given.at[i] == '\\';

        if (escaped && ++i + 1 >= given.length)
            return false;
        if (given.at[i] < ' ' || given.at[i] > '~' || (given.at[i] == '"' && !escaped))
            return false;
    }
    return true;
}

static bool is_atoms(struct text given)
{
    for (size_t i = 0; i < given.length; i++)
        if (given.at[i] <= ' ' || given.at[i] > '~' || strchr("\"(),:;<>[\\]", given.at[i]))
            return false;
    return given.length > 0;
}

static bool address_is_sound(struct text given)
{
    size_t at = text_find_last(given, '@');
    struct text local_part = text_part(given, 0, at), domain = text_part(given, at + 1, given.length);

    if (at == TEXT_NOT_FOUND || given.length > ADDRESS_MAX || text_find(local_part, '@') != TEXT_NOT_FOUND)
        return false;
    return is_atoms(domain) && (is_atoms(local_part) || is_quoted(local_part));
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

/* Of a letter from elsewhere: anything that stands between angle brackets and is one word. */
static enum outcome check_reference(struct task *t, const char *field, struct text given)
{
    bool sound = given.length && given.length <= ADDRESS_MAX;

    for (size_t i = 0; i < given.length; i++)
        if (given.at[i] <= ' ' || given.at[i] > '~' || given.at[i] == '<' || given.at[i] == '>')
            sound = false;
    return sound ? DONE : task_problem(t, field, &problem_malformed);
}

static enum outcome check_references(struct task *t, const struct letter *l)
{
    enum outcome o = l->in_reply_to.at ? check_reference(t, "in_reply_to", l->in_reply_to) : DONE;

    for (size_t i = 0; o == DONE && i < l->references.count; i++)
        o = check_reference(t, "references", l->references.items[i]);
    return o;
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
    if (o == DONE)
        o = check_references(t, l);
    if (o == DONE && (l->unix_seconds < 0 || l->unix_seconds > DATE_LAST))
        o = task_problem(t, "unix_seconds", &problem_malformed);
    return o;
}

/* ---- the character set ---- */

#define JIS_MOST(length) ((length) * 3 + 8) /* "a", a kanji, "a" ...: an escape of three octets before each */

/* False: there is something in it that ISO-2022-JP has no sign for. Each text ends in ASCII again. */
static bool to_jis(struct task *t, struct text given, struct text *out)
{
    size_t left = given.length, room = JIS_MOST(given.length);
    char *from = task_c_string(t, given), *to = task_alloc(t, room), *at = to;
    iconv_t way = iconv_open("ISO-2022-JP", "UTF-8");
    bool fine;

    if (way == (iconv_t)-1)
        return false;
    fine = iconv(way, &from, &left, &at, &room) == 0 && iconv(way, NULL, NULL, &at, &room) == 0;
    iconv_close(way);
    *out = (struct text){ to, (size_t)(at - to) };
    return fine;
}

static bool fits_jis(struct task *t, const struct letter *l)
{
    const struct text words[] = { l->from_name, l->to_name, l->subject, l->body };
    struct text written;

    for (size_t i = 0; i < COUNT(words); i++)
        if (words[i].length && !to_jis(t, words[i], &written))
            return false;
    return true;
}

/* ---- writing: a buffer that is long enough from the start, and the column for folding ---- */

struct page {
    struct task *t;
    enum letter_charset charset;
    char *at;
    size_t used, room, column;
};

/* As a header's and an encoded word's charset have it. */
static const char *const charset_names[] = { "UTF-8", "ISO-2022-JP" };

static struct text written(const struct page *p, struct text given)
{
    struct text out = given;

    if (p->charset == LETTER_ISO_2022_JP && given.length && !to_jis(p->t, given, &out))
        abort(); /* fits_jis() has seen all of it */
    return out;
}

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

/* The longest beginning of `given` that is at most `most` octets once it is written, as which it stands in *out. */
static size_t word_length(const struct page *p, struct text given, size_t most, struct text *out)
{
    size_t length = whole_code_points(given, most);

    for (*out = written(p, text_part(given, 0, length)); out->length > most;
         *out = written(p, text_part(given, 0, length)))
        length = whole_code_points(given, length - 1);
    return length;
}

static void put_encoded(struct page *p, struct text given)
{
    struct text begin = task_printf(p->t, "=?%s?B?", charset_names[p->charset]);
    size_t around = begin.length + 2;

    while (given.length) {
        char digits[BASE64_LENGTH(WORD_OCTETS)];
        size_t left = LINE_MAX_OCTETS > p->column + around ? (LINE_MAX_OCTETS - p->column - around) / 4 * 3 : 0;
        struct text word;
        size_t length = word_length(p, given, left < WORD_OCTETS ? left : WORD_OCTETS, &word);

        if (length) {
            put(p, begin);
            put(p, (struct text){ digits, base64_put(digits, word.at, word.length) });
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

/* Short lines of ASCII pass every server unchanged, and ISO-2022-JP was made for it. */
static bool fits_seven_bits(struct text body, enum letter_charset charset)
{
    size_t column = 0, most = charset == LETTER_ISO_2022_JP ? JIS_LINE_MAX_OCTETS : LINE_MAX_OCTETS + 3;

    for (size_t i = 0; i < body.length; i++) {
        column = body.at[i] == '\n' ? 0 : column + 1;
        if ((unsigned char)body.at[i] > 0x7E || column > most)
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
static struct page page_of(struct task *t, const struct letter *l, enum letter_charset charset, struct text body)
{
    struct page p = { .t = t, .charset = charset, .room = 2048 + 2 * body.length };

    p.room += 8 * (l->subject.length + l->from_name.length + l->to_name.length);
    p.room += 2 * (l->from.length + l->to.length + l->message_id.length + l->language.length + l->in_reply_to.length);
    for (size_t i = 0; i < l->references.count; i++)
        p.room += l->references.items[i].length + 8;
    p.at = task_alloc(t, p.room + 1);
    return p;
}

/* ---- the whole ---- */

static void put_id(struct page *p, const char *before, struct text id)
{
    put(p, text_of(before));
    put(p, TEXT("<"));
    put(p, id);
    put(p, TEXT(">\r\n"));
}

/* RFC 3834, 3.1.6 to 3.1.8; X-Auto-Response-Suppress is what Exchange reads in their place. */
static void put_reply(struct page *p, const struct letter *l)
{
    if (l->in_reply_to.length)
        put_id(p, "In-Reply-To: ", l->in_reply_to);
    for (size_t i = 0; i < l->references.count; i++)
        put_id(p, i ? " " : "References: ", l->references.items[i]);
    put(p, TEXT("Auto-Submitted: auto-replied\r\nPrecedence: bulk\r\nX-Auto-Response-Suppress: All\r\n"));
}

static void put_body(struct page *p, struct text body)
{
    put_header(p, "Content-Type", task_printf(p->t, "text/plain; charset=%s", charset_names[p->charset]));
    if (fits_seven_bits(body, p->charset)) {
        put(p, TEXT("Content-Transfer-Encoding: 7bit\r\n\r\n"));
        put(p, body);
    } else {
        put(p, TEXT("Content-Transfer-Encoding: base64\r\n\r\n"));
        put_base64(p, body);
    }
}

enum outcome letter_compose(struct task *t, const struct letter *l, struct text *out)
{
    enum outcome o = check(t, l);
    struct text body, id = l->message_id;
    struct page p = { .t = t };

    if (o == DONE && !id.at)
        o = fresh_message_id(t, l, &id);
    if (o != DONE)
        return o;
    if (l->charset == LETTER_ISO_2022_JP && fits_jis(t, l))
        p.charset = LETTER_ISO_2022_JP;
    body = written(&p, with_crlf(t, l->body));
    p = page_of(t, l, p.charset, body);
    put_header(&p, "Date", date_of(t, l->unix_seconds));
    put_person(&p, "From", l->from_name, l->from);
    put_person(&p, "To", l->to_name, l->to);
    put_subject(&p, l->subject);
    put_id(&p, "Message-ID: ", id);
    if (l->reply)
        put_reply(&p, l);
    else
        put(&p, TEXT("Auto-Submitted: auto-generated\r\n"));
    put(&p, TEXT("MIME-Version: 1.0\r\n"));
    if (l->language.length)
        put_header(&p, "Content-Language", l->language);
    put_body(&p, body);
    *out = (struct text){ p.at, p.used };
    return DONE;
}
