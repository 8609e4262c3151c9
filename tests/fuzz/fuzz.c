/* tests/fuzz/fuzz.c - libFuzzer's side of a target */
#include "fuzz.h"

#include "model/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* libFuzzer's names (clang's documentation, LibFuzzer). */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length);

static int words_to = STDERR_FILENO; /* libFuzzer closes standard error, where our programs complain of each input */

_Noreturn void fuzz_broken(const char *file, int line, const char *promise)
{
    dprintf(words_to, "%s:%d: does not hold: %s\n", file, line, promise);
    abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    words_to = dup(STDERR_FILENO);
    (void)argc;
    (void)argv;
    secret_start();
    fuzz_start();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length)
{
    struct task *t = task_open();

    fuzz_one(t, task_copy(t, (struct text){ (const char *)octets, length }));
    task_close(t);
    return 0;
}

struct text fuzz_take(struct text *input)
{
    size_t end = text_find(*input, '\0');
    struct text taken = text_part(*input, 0, end);

    *input = end == TEXT_NOT_FOUND ? TEXT("") : text_part(*input, end + 1, input->length);
    return taken;
}
