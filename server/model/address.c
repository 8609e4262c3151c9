/* server/model/address.c
 *
 * A local part is unquoted once, on the way in, and quoted again only where a written form asks for it; in
 * between it is just octets. Domains go through libidn2 without its STD3 option, which drops a forbidden
 * character instead of refusing it ("a b.jp" would become "ab.jp"): is_host_name() states those rules itself,
 * on the A-labels.
 */
#include "model/address.h"

#include "model/problem.h"

#include <idn2.h>
#include <stdlib.h>
#include <string.h>

/* What may be typed: a local part with every octet escaped, a domain in U-labels of four octets each, and
 * some air. Anything longer is refused before it is looked at. */
#define GIVEN_MAX ((size_t)2 * LOCAL_PART_MAX + 2 + 1 + (size_t)4 * DOMAIN_MAX)

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter_or_digit(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* atext of RFC 5322, 3.2.3, as RFC 6531, 3.3 widens it */
static bool is_atext(char c)
{
    return is_letter_or_digit(c) || (unsigned char)c >= 0x80 || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* A local part that people may type without quotes: as the carriers gave them out, dots may stand
 * anywhere. */
static bool is_typed_freely(struct text local_part)
{
    for (size_t i = 0; i < local_part.length; i++)
        if (!is_atext(local_part.at[i]) && local_part.at[i] != '.')
            return false;
    return true;
}

static bool is_dot_atom(struct text local_part)
{
    char before = '.';

    for (size_t i = 0; i < local_part.length; i++) {
        char c = local_part.at[i];

        if (c == '.' ? before == '.' : !is_atext(c))
            return false;
        before = c;
    }
    return before != '.';
}

/* Nothing but dots would name a directory above the mail, and no carrier ever gave that out. */
static bool is_dots(struct text given)
{
    for (size_t i = 0; i < given.length; i++)
        if (given.at[i] != '.')
            return false;
    return true;
}

/* White space beyond ASCII, and characters that show nothing or turn the direction: two log-in names that
 * look alike must be alike. The joiners U+200C and U+200D stay, because Persian and the languages of India
 * write with them. */
static bool has_unseen(struct text given)
{
    static const char *const unseen[] = {
        "\u00A0", "\u00AD", "\u1680", "\u200B", "\u200E", "\u200F", "\u2028", "\u2029",
        "\u202A", "\u202B", "\u202C", "\u202D", "\u202E", "\u202F", "\u205F", "\u2060",
        "\u2066", "\u2067", "\u2068", "\u2069", "\u3000", "\uFEFF",
    };

    for (size_t i = 0; i < given.length; i++)
        for (size_t k = 0; (unsigned char)given.at[i] >= 0xC2 && k < COUNT(unseen); k++)
            if (text_starts(text_part(given, i, given.length), text_of(unseen[k])))
                return true;
    return false;
}

/* Where the quoted string that opens `given` ends: the index behind its closing quote, 0 when it has none. */
static size_t quoted_end(struct text given)
{
    for (size_t i = 1; i < given.length; i++) {
        if (given.at[i] == '\\')
            i++;
        else if (given.at[i] == '"')
            return i + 1;
    }
    return 0;
}

static struct text unquoted(struct task *t, struct text quoted)
{
    char *at = task_alloc(t, quoted.length);
    size_t length = 0;

    for (size_t i = 1; i + 1 < quoted.length; i++) {
        if (quoted.at[i] == '\\')
            i++;
        at[length++] = quoted.at[i];
    }
    return (struct text){ at, length };
}

static struct text quoted(struct task *t, struct text local_part)
{
    char *at = task_alloc(t, 2 * local_part.length + 3);
    size_t length = 0;

    at[length++] = '"';
    for (size_t i = 0; i < local_part.length; i++) {
        if (local_part.at[i] == '"' || local_part.at[i] == '\\')
            at[length++] = '\\';
        at[length++] = local_part.at[i];
    }
    at[length++] = '"';
    return (struct text){ at, length };
}

/* What every part must be before it is looked at closely. */
static enum outcome given_check(struct task *t, const char *field, struct text given, int64_t max)
{
    if (given.length > GIVEN_MAX)
        return task_problem_figure(t, field, &problem_too_long, "max", max);
    if (!text_is_utf8(given))
        return task_problem(t, field, &problem_bad_encoding);
    if (text_has_control(given, ""))
        return task_problem(t, field, &problem_bad_character);
    return DONE;
}

static enum outcome local_part_read(struct task *t, const char *field, struct text given, struct text *out)
{
    struct text plain = given;

    if (text_starts(given, TEXT("\""))) {
        if (quoted_end(given) != given.length)
            return task_problem(t, field, &problem_bad_local_part);
        plain = unquoted(t, given);
        if (plain.length == 0) /* "" would otherwise turn into the catch-all */
            return task_problem(t, field, &problem_needs_local_part);
        if (plain.at[0] == '"') /* its bare form could not be told from a quoted one */
            return task_problem(t, field, &problem_bad_local_part);
    } else if (!is_typed_freely(given)) {
        return task_problem(t, field, &problem_bad_local_part);
    }
    if (plain.length && is_dots(plain))
        return task_problem(t, field, &problem_bad_local_part);
    if (plain.length > LOCAL_PART_MAX)
        return task_problem_figure(t, field, &problem_local_part_too_long, "max", LOCAL_PART_MAX);
    if (has_unseen(plain))
        return task_problem(t, field, &problem_bad_character);
    *out = task_lower(t, plain.at ? plain : TEXT(""));
    return DONE;
}

/* Letters, digits and hyphens (RFC 1123, 2.1), and no number at the end, which would be an IPv4 address. */
static bool is_host_name(struct text name)
{
    bool numeric = true;
    size_t label = 0; /* octets of it so far */

    for (size_t i = 0; i <= name.length; i++) {
        char c = i < name.length ? name.at[i] : '.';

        if (c == '.') {
            if (label == 0 || label > LABEL_MAX || name.at[i - 1] == '-' || (i == name.length && numeric))
                return false;
            label = 0;
            numeric = true;
            continue;
        }
        if (!is_letter_or_digit(c) && (c != '-' || label == 0))
            return false;
        numeric = numeric && is_digit(c);
        label++;
    }
    return true;
}

/* Plain ASCII needs no IDNA, which would also forbid "r3---sn.example", a name that exists. */
static bool needs_idna(struct text name)
{
    for (size_t i = 0; i < name.length; i++)
        if ((unsigned char)name.at[i] >= 0x80 || text_equal_folded(text_part(name, i, 4), TEXT("xn--")))
            return true;
    return false;
}

static bool is_ascii(struct text name)
{
    for (size_t i = 0; i < name.length; i++)
        if ((unsigned char)name.at[i] >= 0x80)
            return false;
    return true;
}

/* In lower case; the task holds a copy, because what libidn2 allocates is libidn2's to free. */
static int to_a_labels(struct task *t, struct text given, struct text *out)
{
    char *labels = NULL;
    int rc = idn2_to_ascii_8z(task_c_string(t, given), &labels, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);

    if (rc == IDN2_OK)
        *out = task_lower(t, text_of(labels));
    idn2_free(labels);
    return rc;
}

static enum outcome domain_read(struct task *t, const char *field, struct text given, struct text *out)
{
    struct text name = task_lower(t, given);

    if (needs_idna(name)) {
        int rc = to_a_labels(t, name, &name);

        if (rc == IDN2_MALLOC)
            return RETRY;
        if (rc == IDN2_TOO_BIG_DOMAIN)
            return task_problem_figure(t, field, &problem_domain_too_long, "max", DOMAIN_MAX);
        /* A-labels of characters that only IDNA 2003 knew ("xn--n3h.net") are registered, and get mail. */
        if (rc != IDN2_OK && !(rc == IDN2_DISALLOWED && is_ascii(name)))
            return task_problem(t, field, &problem_bad_domain);
    }
    if (text_ends(name, TEXT("."))) /* the root's, which mail leaves out */
        name.length--;
    if (name.length > DOMAIN_MAX)
        return task_problem_figure(t, field, &problem_domain_too_long, "max", DOMAIN_MAX);
    if (!is_host_name(name))
        return task_problem(t, field, &problem_bad_domain);
    *out = task_copy(t, name);
    return DONE;
}

/* Where the @ before the domain stands: behind the quoted string, or the last one. */
static size_t at_sign(struct text given)
{
    size_t end = text_starts(given, TEXT("\"")) ? quoted_end(given) : 0;

    if (end && end < given.length && given.at[end] == '@')
        return end;
    return text_find_last(given, '@');
}

enum outcome address_parse(struct task *t, const char *field, struct text given, struct address *out)
{
    size_t at;
    enum outcome o;

    if (given.length == 0)
        return task_problem(t, field, &problem_required);
    o = given_check(t, field, given, ADDRESS_MAX);
    if (o != DONE)
        return o;
    at = at_sign(given);
    if (at == TEXT_NOT_FOUND)
        return task_problem(t, field, &problem_needs_at);
    o = local_part_read(t, field, text_part(given, 0, at), &out->local_part);
    if (o == DONE)
        o = domain_read(t, field, text_part(given, at + 1, given.length), &out->domain);
    if (o == DONE && out->local_part.length + 1 + out->domain.length > ADDRESS_MAX)
        return task_problem_figure(t, field, &problem_too_long, "max", ADDRESS_MAX);
    return o;
}

static struct text with_domain(struct task *t, struct text local_part, struct text domain)
{
    return task_join(t, task_join(t, local_part, TEXT("@")), domain);
}

struct text address_bare(struct task *t, const struct address *a)
{
    return with_domain(t, a->local_part, a->domain);
}

struct text address_quoted(struct task *t, const struct address *a)
{
    if (a->local_part.length == 0 || is_dot_atom(a->local_part))
        return address_bare(t, a);
    return with_domain(t, quoted(t, a->local_part), a->domain);
}

struct address address_split(struct text bare)
{
    size_t at = text_find_last(bare, '@');

    if (at == TEXT_NOT_FOUND)
        return (struct address){ bare, TEXT("") };
    return (struct address){ text_part(bare, 0, at), text_part(bare, at + 1, bare.length) };
}

enum outcome alias_address_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    struct address a;
    enum outcome o = address_parse(t, field, given, &a);

    if (o == DONE)
        *out = address_bare(t, &a);
    return o;
}

enum outcome address_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    if (text_starts(given, TEXT("@")))
        return task_problem(t, field, &problem_needs_local_part);
    return alias_address_canon(t, field, given, out);
}

enum outcome address_or_none_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    if (given.length)
        return address_canon(t, field, given, out);
    *out = TEXT("");
    return DONE;
}

enum outcome local_part_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    enum outcome o = given_check(t, field, given, LOCAL_PART_MAX);

    return o == DONE ? local_part_read(t, field, given, out) : o;
}

/* A pipe, a file or an :include: list for whoever reads the list as aliases(5) does: mail must not start
 * programs. */
static bool is_command(struct text given)
{
    return given.length && strchr("|/:", given.at[0]);
}

/* A leading hyphen is an option to the programs that take the name. */
static bool is_account_name(struct text name)
{
    for (size_t i = 0; i < name.length; i++)
        if (!is_letter_or_digit(name.at[i]) && (!strchr("._-", name.at[i]) || !name.at[i]))
            return false;
    return name.length && name.length <= LOCAL_PART_MAX && name.at[0] != '-' && !is_dots(name);
}

enum outcome destination_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    struct address a;
    enum outcome o;

    if (given.length == 0)
        return task_problem(t, field, &problem_required);
    if (is_command(given))
        return task_problem(t, field, &problem_bad_destination);
    if (text_find(given, '@') == TEXT_NOT_FOUND) {
        if (!is_account_name(given))
            return task_problem(t, field, &problem_bad_destination);
        *out = task_lower(t, given);
        return DONE;
    }
    o = address_parse(t, field, given, &a);
    if (o == DONE && is_command(a.local_part))
        return task_problem(t, field, &problem_bad_destination);
    if (o == DONE)
        *out = address_quoted(t, &a);
    return o;
}

enum outcome domain_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    enum outcome o;

    if (given.length == 0)
        return task_problem(t, field, &problem_required);
    o = given_check(t, field, given, DOMAIN_MAX);
    return o == DONE ? domain_read(t, field, given, out) : o;
}

enum outcome domain_shown(struct task *t, const char *field, struct text canonical, struct text *out)
{
    char *labels = NULL;
    struct text shown = canonical, again;

    (void)field;
    if (needs_idna(canonical)
        && idn2_to_unicode_8z8z(task_c_string(t, canonical), &labels, IDN2_NONTRANSITIONAL) == IDN2_OK) {
        shown = task_copy(t, text_of(labels));
        if (to_a_labels(t, shown, &again) != IDN2_OK || !text_equal(again, canonical))
            shown = canonical;
    }
    idn2_free(labels);
    *out = shown;
    return DONE;
}

/* Takes either written form; what it gives can be typed back in. */
enum outcome address_shown(struct task *t, const char *field, struct text canonical, struct text *out)
{
    struct address a = address_split(canonical);
    enum outcome o;

    *out = canonical;
    if (a.local_part.length == canonical.length) /* no @: a local account */
        return DONE;
    o = domain_shown(t, field, a.domain, &a.domain);
    if (!text_starts(a.local_part, TEXT("\"")) && !is_typed_freely(a.local_part))
        a.local_part = quoted(t, a.local_part);
    *out = address_bare(t, &a);
    return o;
}

static size_t commas(struct text list)
{
    size_t count = 0;

    for (size_t i = 0; i < list.length; i++)
        count += list.at[i] == ',';
    return count;
}

/* The next entry's length: up to a comma that stands outside quotes. A quote that never closes takes the
 * rest. */
static size_t entry_length(struct text rest)
{
    bool inside = false;
    size_t i = 0;

    for (; i < rest.length && (inside || rest.at[i] != ','); i++) {
        if (rest.at[i] == '\\' && i + 1 < rest.length)
            i++;
        else if (rest.at[i] == '"')
            inside = !inside;
    }
    return i;
}

/* A blank behind a backslash belongs to the entry: without it the backslash would escape the comma behind. */
static struct text entry_trimmed(struct text raw)
{
    struct text entry = text_trim(raw);
    size_t slashes = 0;

    while (slashes < entry.length && entry.at[entry.length - 1 - slashes] == '\\')
        slashes++;
    if (slashes % 2 && entry.at + entry.length < raw.at + raw.length)
        entry.length++;
    return entry;
}

struct texts destinations_split(struct task *t, struct text list)
{
    struct texts out = { task_alloc(t, (commas(list) + 1) * sizeof(struct text)), 0 };

    while (list.length) {
        size_t length = entry_length(list);
        struct text entry = entry_trimmed(text_part(list, 0, length));

        if (entry.length)
            out.items[out.count++] = entry;
        list = text_part(list, length + 1, list.length);
    }
    return out;
}

struct text destinations_join(struct task *t, const struct texts *list)
{
    size_t length = 0;
    char *at;

    for (size_t i = 0; i < list->count; i++)
        length += list->items[i].length + 1;
    at = task_alloc(t, length + 1);
    length = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (i)
            at[length++] = ',';
        memcpy(at + length, list->items[i].at, list->items[i].length);
        length += list->items[i].length;
    }
    return (struct text){ at, length };
}
