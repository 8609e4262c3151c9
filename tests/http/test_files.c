/* tests/http/test_files.c - the web interface in memory: what of a directory is served, and how packed */
#include "support/support.h"

#include "http/files.h"
#include "model/secret.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct { const char *path, *octets; } tree[] = {
    { "index.html", "<meta content=\"__CSP_NONCE__\"><x nonce=__CSP_NONCE__>" },
    { "favicon.svg", "<svg/>" },
    { "assets/a-1.js", "plain" },
    { "assets/a-1.js.gz", "packed" },
    { "assets/a-1.js.br", "smaller" },
    { "assets/lonely.gz", "no twin" },
    { ".hidden", "secret" },
    { ".git/config", "secret" },
};

static void put(int directory, const char *path, const char *octets)
{
    int to = openat(directory, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(to >= 0);
    assert_int_equal(write(to, octets, strlen(octets)), strlen(octets));
    close(to);
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about, (void)kind, (void)where;
    return remove(path);
}

static void remove_tree(void *path)
{
    assert_int_equal(nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* A directory of the test's own, which goes with its task. */
static struct text web_root(struct task *t)
{
    char *path = task_c_string(t, TEXT("/tmp/postreeve-test-files-XXXXXX"));
    int root;

    assert_non_null(mkdtemp(path));
    task_defer(t, remove_tree, path);
    root = open(path, O_RDONLY | O_DIRECTORY);
    assert_int_equal(mkdirat(root, "assets", 0700), 0);
    assert_int_equal(mkdirat(root, ".git", 0700), 0);
    assert_int_equal(symlinkat("/etc/passwd", root, "passwd.txt"), 0);
    assert_int_equal(symlinkat("/etc", root, "etc"), 0);
    assert_int_equal(mkfifoat(root, "pipe.txt", 0600), 0);
    for (size_t i = 0; i < COUNT(tree); i++)
        put(root, tree[i].path, tree[i].octets);
    close(root);
    return text_of(path);
}

static const struct { const char *path, *type; bool immutable; } served[] = {
    { "/index.html", "text/html; charset=utf-8", false },
    { "/favicon.svg", "image/svg+xml", false },
    { "/assets/a-1.js", "text/javascript; charset=utf-8", true },
    { "/assets/lonely.gz", "application/octet-stream", true },
};

static void what_was_built_is_served_and_nothing_else(void **state)
{
    struct task *t = fresh_task(state);
    struct files all;

    assert_int_equal(files_load(t, web_root(t), &all), DONE);
    assert_int_equal(all.count, COUNT(served));
    for (size_t i = 0; i < COUNT(served); i++) {
        const struct file *f = files_find(&all, text_of(served[i].path));

        print_message("  %s\n", served[i].path);
        assert_non_null(f);
        assert_text(f->type, served[i].type);
        assert_int_equal(f->immutable, served[i].immutable);
    }
}

static void the_nonce_has_its_places(void **state)
{
    struct task *t = fresh_task(state);
    struct files all;

    assert_int_equal(files_load(t, web_root(t), &all), DONE);
    assert_int_equal(all.index.count, 3);
    assert_text(all.index.items[0], "<meta content=\"");
    assert_text(all.index.items[1], "\"><x nonce=");
    assert_text(all.index.items[2], ">");
}

static const struct { const char *accepted, *octets; } codings[] = {
    { NULL, "plain" },
    { "", "plain" },
    { "gzip, deflate, br", "smaller" },
    { "gzip", "packed" },
    { "GZIP", "packed" },
    { "br;q=0, gzip;q=0.1", "packed" },
    { "br;q=0.000", "plain" },
    { "br ; q=1.0", "smaller" },
    { "xbr, gzipx", "plain" },
    { "*", "plain" },
};

static void the_best_coding_that_is_taken(void **state)
{
    struct task *t = fresh_task(state);
    struct files all;
    const struct file *f;

    assert_int_equal(files_load(t, web_root(t), &all), DONE);
    f = files_find(&all, TEXT("/assets/a-1.js"));
    for (size_t i = 0; i < COUNT(codings); i++) {
        print_message("  %s\n", codings[i].accepted ? codings[i].accepted : "(none)");
        assert_text(f->octets[file_coding(f, text_of(codings[i].accepted))], codings[i].octets);
    }
    assert_false(text_equal(f->etag[CODING_NONE], f->etag[CODING_GZIP]));
}

static void a_file_alone_is_plain(void **state)
{
    struct task *t = fresh_task(state);
    struct files all;

    assert_int_equal(files_load(t, web_root(t), &all), DONE);
    assert_int_equal(file_coding(files_find(&all, TEXT("/favicon.svg")), TEXT("br, gzip")), CODING_NONE);
}

static void no_directory_is_an_interface_not_built(void **state)
{
    struct task *t = fresh_task(state);
    struct files all;

    assert_int_equal(files_load(t, TEXT("/nonexistent/web"), &all), DONE);
    assert_int_equal(all.count, 0);
    assert_int_equal(all.index.count, 0);
    assert_null(files_find(&all, TEXT("/index.html")));
    assert_int_equal(files_load(t, text_of(NULL), &all), DONE);
}

static void too_much_stops_the_start(void **state)
{
    struct task *t = fresh_task(state);
    struct text root = web_root(t);
    int directory = open(root.at, O_RDONLY | O_DIRECTORY), big;
    struct files all;

    big = openat(directory, "big.txt", O_WRONLY | O_CREAT, 0600);
    assert_int_equal(ftruncate(big, (off_t)FILES_BYTES_MAX), 0);
    close(big);
    close(directory);
    assert_int_equal(files_load(t, root, &all), INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TASK_TEST(what_was_built_is_served_and_nothing_else), TASK_TEST(the_nonce_has_its_places),
        TASK_TEST(the_best_coding_that_is_taken),             TASK_TEST(a_file_alone_is_plain),
        TASK_TEST(no_directory_is_an_interface_not_built),    TASK_TEST(too_much_stops_the_start),
    };

    secret_start();
    return cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
