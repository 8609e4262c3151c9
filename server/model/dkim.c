/* server/model/dkim.c - what a key is; its octets are dkim_pair.c's */
#include "model/dkim.h"

#include "model/address.h"
#include "model/problem.h"

#include <string.h>

const char *const dkim_storage_words[] = { [DKIM_SEALED] = "sealed", [DKIM_CLEAR] = "clear", NULL };
static const char *const generate_words[] = { "rsa-2048", "rsa-3072", "rsa-4096", "ed25519", NULL };

static const struct field fields[] = {
    FIELD(struct dkim_key, id, .flags = KEY | READ_ONLY, .doc = "Its number."),
    FIELD(struct dkim_key, domain, .max = 255, .canon = domain_canon, .shown = domain_shown,
          .doc = "The domain whose letters it signs; not needed below a domain."),
    FIELD(struct dkim_key, selector, .flags = NO_BLANK, .max = DKIM_SELECTOR_MAX, .canon = dkim_selector_canon,
          .doc = "Its name within the domain; not given: the day's date."),
    FIELD(struct dkim_key, generate, .flags = CREATE_ONLY, .max = 16, .words = generate_words,
          .doc = "What kind of key to make: rsa-2048 (the usual) is what every receiver knows; ed25519 is shorter, and not "
                 "every receiver knows it."),
    FIELD(struct dkim_key, algorithm, .flags = READ_ONLY, .doc = "What kind of key it is, as rsa-2048."),
    FIELD(struct dkim_key, active, .flags = READ_ONLY, .doc = "Whether it signs. Publish its record first, then activate it."),
    FIELD(struct dkim_key, description, .max = 255, .doc = "For people only."),
    FIELD(struct dkim_key, private_key, .flags = SECRET | MULTILINE, .max = DKIM_PRIVATE_MAX,
          .doc = "A key that is there already, in PEM without a password; not given: one is made. It is never shown."),
    FIELD(struct dkim_key, name, .flags = READ_ONLY, .doc = "The name of the record to publish."),
    FIELD(struct dkim_key, record, .flags = READ_ONLY, .doc = "The TXT record to publish, in one piece."),
    FIELD(struct dkim_key, created, .flags = READ_ONLY, .doc = "When it was created."),
    FIELD(struct dkim_key, modified, .flags = READ_ONLY, .doc = "When it was last changed."),
};
const struct shape dkim_key_shape = SHAPE(struct dkim_key, "DkimKey", fields);

enum outcome dkim_selector_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    static const char fit[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";
    struct text name = task_lower(t, given);
    char before = '.';

    for (size_t i = 0; i < name.length; i++) {
        char c = name.at[i], after = i + 1 < name.length ? name.at[i + 1] : '.';

        if (!c || !strchr(fit, c) || (c == '.' && before == '.') || (c == '-' && (before == '.' || after == '.')))
            return task_problem(t, field, &problem_bad_character);
        before = c;
    }
    if (name.length && before == '.')
        return task_problem(t, field, &problem_bad_character);
    *out = name;
    return DONE;
}

/* Of the characters that Postfix' files can hold (lookup/access.h looks at them again). */
enum outcome dkim_milter_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    *out = given;
    if (given.length && !text_starts(given, TEXT("inet:")) && !text_starts(given, TEXT("unix:/")))
        return task_problem(t, field, &problem_malformed);
    return DONE;
}

struct text dkim_context(struct task *t, int64_t id)
{
    return task_printf(t, "dkim/%lld", (long long)id);
}

enum outcome dkim_private(struct task *t, const struct vault *v, const struct dkim_key *k, struct text *out)
{
    if (vault_is_sealed(k->stored_private))
        return vault_open(t, "private_key", v, VAULT_DKIM, k->stored_private, dkim_context(t, k->id), out);
    *out = k->stored_private;
    return out->length ? DONE : task_problem(t, "private_key", &problem_required);
}
