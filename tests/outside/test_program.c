/* tests/outside/test_program.c - programs: what they get, how they end, and that none of them keeps us */
#include "support/support.h"

#include "base/clock.h"
#include "outside/program.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/postreeve-program.XXXXXX", path[64];

static int make_directory(void **state)
{
    (void)state;
    return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
    (void)state;
    return rmdir(directory);
}

struct script {
    struct task *task;
    struct text arguments[4];
    struct program program;
    struct program_end end;
};

static void write_script(struct script *s, const char *text, mode_t mode)
{
    size_t length = strlen(text);
    int fd;

    snprintf(path, sizeof path, "%s/it", directory);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, length), length);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
    s->arguments[0] = text_of(path);
}

static struct script script_of(struct task *t, const char *text)
{
    struct script s = { .task = t, .program = { .input = TEXT(""), .seconds = 60 } };

    write_script(&s, text, 0700);
    return s;
}

static enum outcome run(struct script *s, size_t arguments)
{
    enum outcome o;

    s->program.arguments = (struct texts){ s->arguments, arguments };
    o = program_run(s->task, &s->program, &s->end);
    unlink(path);
    return o;
}

static void arguments_and_input_pass_as_they_are(void **state)
{
    struct script s = script_of(fresh_task(state), "#!/bin/sh\nprintf '%s|' \"$#\" \"$@\"\ncat\necho error >&2\n");

    s.arguments[1] = TEXT("$(id) `id` ; echo x | \"'*");
    s.arguments[2] = TEXT("");
    s.arguments[3] = TEXT("山田\n");
    s.program.input = TEXT("pass word\nsecond line");
    assert_int_equal(run(&s, 4), DONE);
    assert_text(s.end.output, "3|$(id) `id` ; echo x | \"'*||山田\n|pass word\nsecond lineerror");
    assert_int_equal(s.end.status, 0);
    assert_text(s.end.words, "exited with 0");
}

static void nothing_of_ours_passes(void **state)
{
    struct script s = script_of(fresh_task(state), "#!/bin/sh\n/usr/bin/env | sort | grep -v -e ^PWD= -e ^SHLVL= -e ^_=; pwd\n"
                                                   "for fd in /proc/$$/fd/*; do case ${fd##*/} in 0|1|2|10|255) ;;\n"
                                                   "  *) [ ! -e \"$fd\" ] || echo open: \"$(readlink \"$fd\")\" ;; esac; done\n"
                                                   "exec sed -nE 's/^(SigBlk|SigIgn):.*(.{7})$/\\1 \\2/p' /proc/self/status\n"); /* 1 to 28 */
    int ours = open("/dev/null", O_RDONLY); /* without O_CLOEXEC, as some library may */
    int high = fcntl(ours, F_DUPFD, 200);
    sigset_t blocked, before;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &blocked, &before);
    setenv("POSTREEVE_SECRET", "x", 1);
    assert_int_equal(run(&s, 1), DONE);
    assert_text(s.end.output, "LANG=C.UTF-8\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n/\n"
                              "SigBlk 0000000\nSigIgn 0000000");
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    unsetenv("POSTREEVE_SECRET");
    signal(SIGPIPE, SIG_DFL);
    close(high);
    close(ours);
}

static void exits_decide(void **state)
{
    static const struct {
        const char *text, *words;
        enum outcome o;
        int status, signal;
    } cases[] = {
        { "exit 0", "exited with 0", DONE, 0, 0 },
        { "exit 1", "exited with 1", RETRY, 1, 0 },
        { "exit 64", "exited with 64", INVALID, 64, 0 },
        { "exit 65", "exited with 65", INVALID, 65, 0 },
        { "exit 75", "exited with 75", RETRY, 75, 0 },
        { "exit 77", "exited with 77", INVALID, 77, 0 },
        { "exit 78", "exited with 78", INVALID, 78, 0 },
        { "exec /nowhere/at/all", "exited with 127", INVALID, 127, 0 },
        { "kill -9 $$", "was ended by signal 9", RETRY, -1, 9 },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        struct script s = script_of(t, task_printf(t, "#!/bin/sh\n%s\n", cases[i].text).at);

        assert_int_equal(run(&s, 1), cases[i].o);
        assert_text(s.end.words, cases[i].words);
        assert_int_equal(s.end.status, cases[i].status);
        assert_int_equal(s.end.signal, cases[i].signal);
        assert_false(s.end.timed_out);
        assert_null(task_problems(t));
    }
}

static void what_cannot_be_started(void **state)
{
    struct task *t = fresh_task(state);
    struct script s = { .task = t, .program = { .seconds = 5 } };

    s.arguments[0] = TEXT("/nowhere/at/all");
    assert_int_equal(run(&s, 1), INVALID);
    assert_text(s.end.words, "cannot be started: No such file or directory");
    assert_int_equal(s.end.status, -1);
    write_script(&s, "#!/bin/sh\nexit 0\n", 0600);
    assert_int_equal(run(&s, 1), INVALID);
    assert_text(s.end.words, "cannot be started: Permission denied");
    write_script(&s, "echo no interpreter is named, and none is guessed\n", 0700);
    assert_int_equal(run(&s, 1), INVALID);
    assert_text(s.end.words, "cannot be started: Exec format error");
    s.arguments[0] = TEXT("/");
    assert_int_equal(run(&s, 1), INVALID);
    s.arguments[0] = TEXT("true");
    assert_int_equal(run(&s, 1), INVALID);
    s.arguments[0] = TEXT("/bin/true");
    s.arguments[1] = (struct text){ "a\0b", 3 };
    assert_int_equal(run(&s, 2), INVALID);
    assert_int_equal(run(&s, 0), INVALID);
}

static void the_end_of_much_output_is_kept(void **state)
{
    struct task *t = fresh_task(state);
    struct script s = script_of(t, "#!/bin/sh\ni=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done\n");

    assert_int_equal(run(&s, 1), DONE);
    assert_true(s.end.output_cut);
    assert_true(s.end.output.length <= PROGRAM_OUTPUT_MAX && s.end.output.length > PROGRAM_OUTPUT_MAX - 20);
    assert_true(text_ends(s.end.output, TEXT("line 19998\nline 19999")));
}

static void output_is_made_readable(void **state)
{
    struct script s = script_of(fresh_task(state), "#!/bin/sh\nprintf 'a\\tb\\033[31m\\377\\000c\\nd'\n");

    assert_int_equal(run(&s, 1), DONE);
    assert_text(s.end.output, "a\tb?[31m??c\nd");
    assert_false(s.end.output_cut);
}

static void a_large_input_that_nobody_reads(void **state)
{
    struct task *t = fresh_task(state);
    struct script s = script_of(t, "#!/bin/sh\nexit 0\n");

    s.program.input = repeated(t, 'x', 4 << 20);
    assert_int_equal(run(&s, 1), DONE);
    s = script_of(t, "#!/bin/sh\nwc -c\n");
    s.program.input = repeated(t, 'x', 4 << 20);
    assert_int_equal(run(&s, 1), DONE);
    assert_text(s.end.output, "4194304");
}

/* A process that is no more, or waits for its parent to ask. */
static bool is_gone(struct task *t, int64_t pid)
{
    char line[256] = "";
    FILE *f = fopen(task_printf(t, "/proc/%lld/stat", (long long)pid).at, "re");
    bool gone = !f || !fgets(line, sizeof line, f) || strstr(line, ") Z ") != NULL;

    if (f)
        fclose(f);
    return gone;
}

static void time_is_over(void **state)
{
    static const char *const texts[] = {
        "#!/bin/sh\ntail -f /dev/null & echo $!\nwait\n",
        "#!/bin/sh\ntrap '' TERM\ntail -f /dev/null & echo $!\nwhile :; do wait; done\n", /* only SIGKILL helps */
    };

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct task *t = fresh_task(state);
        struct script s = script_of(t, texts[i]);
        int64_t began = clock_monotonic_ms(), child;

        s.program.seconds = 1;
        assert_int_equal(run(&s, 1), RETRY);
        assert_true(clock_monotonic_ms() - began < 20000);
        assert_true(s.end.timed_out);
        assert_text(s.end.words, "did not end within 1 seconds");
        assert_true(text_to_int64(s.end.output, &child));
        while (!is_gone(t, child)) /* ctest's own limit ends this when it is wrong */
            ;
    }
}

static void a_child_left_behind_keeps_nobody(void **state)
{
    struct task *t = fresh_task(state);
    struct script s = script_of(t, "#!/bin/sh\ntail -f /dev/null & echo $!\n");
    int64_t began = clock_monotonic_ms(), child;

    assert_int_equal(run(&s, 1), DONE);
    assert_true(clock_monotonic_ms() - began < 30000);
    assert_true(text_to_int64(s.end.output, &child));
    assert_false(is_gone(t, child));
    assert_int_equal(kill((pid_t)child, SIGKILL), 0);
}

static void *run_many(void *context)
{
    (void)context;
    for (int i = 0; i < 20; i++) {
        struct task *t = task_open();
        struct text arguments[] = { TEXT("/bin/cat") };
        struct program p = { .arguments = { arguments, 1 }, .input = task_printf(t, "%d", i), .seconds = 60 };
        struct program_end end;
        enum outcome o = program_run(t, &p, &end);
        bool right = o == DONE && text_equal(end.output, p.input);

        task_close(t);
        if (!right)
            return context;
    }
    return NULL;
}

static void threads_do_not_mix(void **state)
{
    pthread_t threads[4];
    int mark = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_many, &mark), 0);
    for (size_t i = 0; i < COUNT(threads); i++) {
        void *wrong;

        pthread_join(threads[i], &wrong);
        assert_null(wrong);
    }
}

static size_t open_files(void)
{
    size_t count = 0;

    for (int fd = 0; fd < 1024; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void no_file_stays_open(void **state)
{
    size_t before = open_files();

    arguments_and_input_pass_as_they_are(state);
    what_cannot_be_started(state);
    assert_int_equal(open_files(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TASK_TEST(arguments_and_input_pass_as_they_are), TASK_TEST(nothing_of_ours_passes), TASK_TEST(exits_decide),
        TASK_TEST(what_cannot_be_started), TASK_TEST(the_end_of_much_output_is_kept), TASK_TEST(output_is_made_readable),
        TASK_TEST(a_large_input_that_nobody_reads), TASK_TEST(time_is_over), TASK_TEST(a_child_left_behind_keeps_nobody),
        TASK_TEST(threads_do_not_mix), TASK_TEST(no_file_stays_open),
    };

    return cmocka_run_group_tests_name("program", tests, make_directory, remove_directory);
}
