/* server/model/password_policy.h - which passwords may be chosen, and making one
 *
 * WHAT    A policy asks for a length in code points, for kinds of characters (small letters, capital letters, digits, and
 *         all others, letters beyond ASCII among these), and for something that does not stand in a list of common passwords.
 *         Whatever it says, a password is not the account's own name and not one character again and again.
 * COMMON  Compared without case, and also without the digits and signs behind: "Password1!" is as common as "password".
 * OWNS    The list's texts belong to the task that password_list() was given.
 */
#ifndef POSTREEVE_MODEL_PASSWORD_POLICY_H
#define POSTREEVE_MODEL_PASSWORD_POLICY_H

#include "base/task.h"

#define PASSWORD_CLASSES 4
#define PASSWORD_GENERATED_MIN 12 /* characters */

struct password_policy {
    int64_t min_length, min_classes;
    struct texts common; /* as password_list() gives it; may be empty */
};

/* From a file's text, one password to a line; empty lines and those that begin with "# " (or are "#") do not count. */
struct texts password_list(struct task *t, struct text file);
bool password_is_common(struct task *t, const struct texts *list, struct text clear);

/* INVALID with a problem on `field`: too_short {min}, too_long {max}, bad_encoding, bad_character, password_too_weak,
 * password_needs_classes {min}, password_too_common. `address` is the account's name; it may be absent. */
MUST_USE enum outcome password_admit(struct task *t, const char *field, struct text clear,
                                     const struct password_policy *policy, struct text address);

/* A random password with characters of every kind and none that is taken for another (0 O, 1 l I). At least
 * PASSWORD_GENERATED_MIN long, whatever is asked for. */
struct text password_generate(struct task *t, size_t length);

#endif
