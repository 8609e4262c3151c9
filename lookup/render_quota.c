/* lookup/render_quota.c - the letter to who fills a mailbox, and the program by which Dovecot hands it in
 *
 * Dovecot runs the program when a letter takes a mailbox past one of the percents (`service quota-warning`). The words are
 * written here, once for each percent, so that the program has nothing to do but put in the address.
 */
#include "lookup/render_parts.h"

#include "model/address.h"

#include <stdlib.h>
#include <string.h>

#define WORD_OCTETS 45 /* of text in an encoded word, which then has 72: RFC 2047, 2 */

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x < y) - (x > y);
}

const int64_t *quota_warnings(const struct rendering *r)
{
    const struct texts *given = &r->config->dovecot.quota_warnings;
    int64_t *percents = task_alloc(r->t, (given->count + 1) * sizeof *percents);
    size_t count = 0;

    for (size_t i = 0; i < given->count; i++)
        if (!text_to_int64(given->items[i], &percents[i]))
            abort(); /* the configuration has been checked */
    if (given->count)
        qsort(percents, given->count, sizeof *percents, by_size);
    for (size_t i = 0; i < given->count; i++)
        if (count == 0 || percents[i] != percents[count - 1])
            percents[count++] = percents[i];
    percents[count] = 0;
    return percents;
}

static void print_base64(struct text octets, FILE *to)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < octets.length; i += 3) {
        size_t left = octets.length - i;
        uint32_t three = (uint32_t)(unsigned char)octets.at[i] << 16;

        if (left > 1)
            three |= (uint32_t)(unsigned char)octets.at[i + 1] << 8;
        if (left > 2)
            three |= (unsigned char)octets.at[i + 2];
        fprintf(to, "%c%c%c%c", digits[three >> 18], digits[three >> 12 & 63], left > 1 ? digits[three >> 6 & 63] : '=',
                left > 2 ? digits[three & 63] : '=');
    }
}

/* Encoded words of whole characters, a line each. */
static void print_encoded(struct text words, FILE *to)
{
    while (words.length) {
        size_t length = words.length < WORD_OCTETS ? words.length : WORD_OCTETS;

        while (length < words.length && ((unsigned char)words.at[length] & 0xC0) == 0x80)
            length--;
        fputs("=?UTF-8?B?", to);
        print_base64(text_part(words, 0, length), to);
        fputs("?=\n", to);
        words = text_part(words, length, words.length);
        if (words.length)
            fputc(' ', to);
    }
}

void print_quota_warning(const struct rendering *r, int64_t percent, FILE *to)
{
    const struct letter_value values[] = { { "percent", task_printf(r->t, "%lld", (long long)percent) } };
    struct text from = r->config->letters.from;

    fputs("Subject: ", to);
    print_encoded(letter_fill_line(r->t, r->quota_warning->subject, values, COUNT(values)), to);
    fprintf(to,
            "From: <%s>\n"
            "To: <{address}>\n"
            "Auto-Submitted: auto-generated\n"
            "MIME-Version: 1.0\n"
            "Content-Type: text/plain; charset=UTF-8\n"
            "Content-Transfer-Encoding: 8bit\n\n",
            from.length ? from.at : "postmaster@{domain}");
    fprintf(to, "%s\n", letter_fill(r->t, r->quota_warning->body, values, COUNT(values)).at);
}

/* Nothing of the configuration stands in it but the directory of the letters, which has been checked. Dovecot empties the
 * environment of its programs. */
void print_quota_warning_program(const struct rendering *r, FILE *to)
{
    fprintf(to,
            "# quota-warning SETTING PERCENT ADDRESS: Dovecot's setting that lets the letter into a full mailbox\n"
            "export PATH=/usr/lib/dovecot:/usr/libexec/dovecot:/usr/sbin:/usr/bin:/sbin:/bin\n"
            "for_sed() { printf %%s \"$1\" | sed 's/[\\\\&|]/\\\\&/g'; }\n"
            "sed -e 1d -e \"s|{domain}|$(for_sed \"${3##*@}\")|g\" -e \"s|{address}|$(for_sed \"$3\")|g\" \\\n"
            "    \"%s/dovecot/quota-warning-$2.letter\" | dovecot-lda -o \"$1\" -f '' -d \"$3\"\n",
            r->out.at);
}
