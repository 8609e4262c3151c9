/* tests/fuzz/address.c - model/address.h: the canonical form is one, fits, and can be typed back in */
#include "fuzz.h"

#include "base/shape.h"
#include "model/address.h"

void fuzz_start(void) {}

/* What a reader gives, it leaves as it is if it takes it again; not all bare forms can be typed ("a b"@x is a b@x as a key).
 * `shown`, for people, always leads back to it. */
static void check(struct task *t, canon_fn *canon, canon_fn *shown, struct text given, size_t most)
{
    struct text once = { 0 }, twice = { 0 }, seen = { 0 };

    if (canon(t, "x", given, &once) != DONE) {
        HOLDS(task_problems(t) != NULL);
        task_forget_problems(t);
        return;
    }
    HOLDS(once.length <= most && text_is_utf8(once) && !text_has_control(once, ""));
    HOLDS(canon(t, "x", once, &twice) != DONE || text_equal(once, twice));
    task_forget_problems(t);
    if (!shown)
        return;
    HOLDS(shown(t, "x", once, &seen) == DONE && text_is_utf8(seen));
    HOLDS(canon(t, "x", seen, &twice) == DONE && text_equal(once, twice));
}

/* As goto holds them: whatever is read of a list reads the same again. */
static void check_list(struct task *t, struct text given)
{
    struct texts once = destinations_split(t, given), twice;

    twice = destinations_split(t, destinations_join(t, &once));
    HOLDS(once.count == twice.count);
    for (size_t i = 0; i < once.count; i++)
        HOLDS(text_equal(once.items[i], twice.items[i]));
}

static void check_parts(struct task *t, struct text given)
{
    struct address a, again;
    struct text bare;

    if (address_parse(t, "x", given, &a) != DONE)
        return;
    bare = address_bare(t, &a);
    HOLDS(a.local_part.length <= LOCAL_PART_MAX && a.domain.length <= DOMAIN_MAX && bare.length <= ADDRESS_MAX);
    again = address_split(bare);
    HOLDS(text_equal(again.local_part, a.local_part) && text_equal(again.domain, a.domain));
    HOLDS(address_parse(t, "x", address_quoted(t, &a), &again) == DONE);
    HOLDS(text_equal(again.local_part, a.local_part) && text_equal(again.domain, a.domain));
}

void fuzz_one(struct task *t, struct text input)
{
    size_t quoted = 2 * LOCAL_PART_MAX + 2 + 1 + DOMAIN_MAX;

    check(t, address_canon, address_shown, input, ADDRESS_MAX);
    check(t, alias_address_canon, address_shown, input, ADDRESS_MAX);
    check(t, destination_canon, address_shown, input, quoted);
    check(t, domain_canon, domain_shown, input, DOMAIN_MAX);
    check(t, local_part_canon, NULL, input, LOCAL_PART_MAX);
    check_parts(t, input);
    check_list(t, input);
}
