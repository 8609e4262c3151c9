/* tests/fuzz/password.c - model/password.h: a stored value of any form is compared, or matches nothing, in bounded time
 *
 * INPUT   the password, NUL, the stored value
 */
#include "fuzz.h"

#include "model/password.h"

void fuzz_start(void) {}

void fuzz_one(struct task *t, struct text input)
{
    struct text clear = fuzz_take(&input), stored = input, hash = { 0 };

    (void)password_matches(clear, stored);
    (void)password_is_weak(stored);
    for (int scheme = SCHEME_MD5CRYPT; scheme_words[scheme]; scheme++)
        (void)password_is_of((enum scheme)scheme, stored);
    HOLDS(!password_matches(clear, task_join(t, TEXT(LOCKED_PREFIX), stored)));
    if (password_hash(t, "x", SCHEME_CLEARTEXT, clear, &hash) != DONE)
        return;
    HOLDS(password_matches(clear, hash) && password_is_of(SCHEME_CLEARTEXT, hash) && password_is_weak(hash));
    HOLDS(!password_matches(task_join(t, clear, TEXT("x")), hash));
    HOLDS(password_hash(t, "x", SCHEME_MD5CRYPT, clear, &hash) == DONE);
    HOLDS(password_matches(clear, hash) && !password_is_of(SCHEME_CLEARTEXT, hash));
}
