#include "store/seal.h"

#include "io/descriptor.h"
#include "store/disk.h"
#include "store/log_line.h"
#include "store/seal_line.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES 1024 /* bound of the key file */
#define SECRET_DIGITS ((gsize)2 * MGK_SEAL_SECRET)

/* A signing key and the number of the seal that it is for. */
typedef struct SealKey {
    guint64 number;
    guint8 secret[MGK_SEAL_SECRET];
} SealKey;

/* The key file: the key to use, and while a seal is made the one after it. */
typedef struct KeyFile {
    int folder; /* descriptor */
    char *name; /* owned */
    SealKey keys[2];
    guint n;
} KeyFile;

static void key_file_clear(KeyFile *file)
{
    if (file->folder >= 0)
        close(file->folder);
    g_free(file->name);
    sodium_memzero(file->keys, sizeof file->keys);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(KeyFile, key_file_clear)

static gboolean open_folder(KeyFile *file, const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    file->name = g_path_get_basename(path);
    file->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return (file->folder >= 0 && sodium_init() >= 0) || mgk_disk_fail(error, path);
}

static const guint8 *public_key(const SealKey *key)
{
    return key->secret + MGK_SEAL_SECRET - crypto_sign_PUBLICKEYBYTES;
}

static void make_key(SealKey *key, guint64 number)
{
    guint8 public[crypto_sign_PUBLICKEYBYTES];
    key->number = number;
    crypto_sign_keypair(public, key->secret);
}

static gsize format_keys(const KeyFile *file, char ret_text[FILE_BYTES])
{
    gsize at = 0;
    for (guint i = 0; i < file->n; i++) {
        at +=
            (gsize)g_snprintf(ret_text + at, (gulong)(FILE_BYTES - at), "%" G_GUINT64_FORMAT " ", file->keys[i].number);
        sodium_bin2hex(ret_text + at, FILE_BYTES - at, file->keys[i].secret, MGK_SEAL_SECRET);
        at += SECRET_DIGITS;
        ret_text[at++] = '\n';
    }
    return at;
}

/* Puts the keys in the place of what the file had; the old bytes are overwritten. */
static gboolean write_keys(const KeyFile *file, GError **error)
{
    char text[FILE_BYTES];
    gsize size = format_keys(file, text);
    int old = openat(file->folder, file->name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    gboolean good = old >= 0 && mgk_disk_write(file->folder, file->name, text, size) && mgk_disk_wipe(old);
    if (!good)
        mgk_disk_fail(error, file->name);
    if (old >= 0)
        close(old);
    sodium_memzero(text, sizeof text);
    return good;
}

static gboolean parse_keys(KeyFile *file, char *text)
{
    for (char *at = text; *at && file->n < 2; file->n++) {
        SealKey *key = &file->keys[file->n];
        gsize n = 0;
        char *end = NULL;
        key->number = g_ascii_strtoull(at, &end, 10);
        if (key->number == 0 || *end != ' ' || strlen(end + 1) < SECRET_DIGITS + 1 || end[1 + SECRET_DIGITS] != '\n' ||
            sodium_hex2bin(key->secret, sizeof key->secret, end + 1, SECRET_DIGITS, NULL, &n, NULL) != 0 ||
            n != sizeof key->secret)
            return FALSE;
        at = end + 1 + SECRET_DIGITS + 1;
    }
    return file->n > 0;
}

static gboolean read_keys(KeyFile *file, GError **error)
{
    char text[FILE_BYTES] = {0};
    struct stat status;
    int fd = openat(file->folder, file->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    gssize n = fd >= 0 && fstat(fd, &status) == 0 ? mgk_fd_read(fd, text, sizeof text - 1) : -1;
    if (n < 0)
        mgk_disk_fail(error, file->name);
    if (fd >= 0)
        close(fd);
    gboolean private_file = n >= 0 && S_ISREG(status.st_mode) && (status.st_mode & 077) == 0;
    gboolean good = private_file && parse_keys(file, text);
    if (n >= 0 && !good)
        g_set_error(error, MGK_ERROR, private_file ? MGK_ERROR_MALFORMED : MGK_ERROR_USAGE,
                    "%s: is no seal key that only the store's user can read", file->name);
    sodium_memzero(text, sizeof text);
    return good;
}

gboolean mgk_seal_create_key(const char *path, char ret_anchor[65], GError **error)
{
    g_auto(KeyFile) file = {.folder = -1};
    char text[FILE_BYTES];
    if (!open_folder(&file, path, error))
        return FALSE;
    make_key(&file.keys[0], 1);
    file.n = 1;
    gsize size = format_keys(&file, text);
    int fd = mgk_disk_nameless(file.folder);
    gboolean good = (fd >= 0 && mgk_fd_write_all(fd, text, size) && mgk_disk_publish(fd, file.folder, file.name)) ||
                    mgk_disk_fail(error, path);
    if (fd >= 0)
        close(fd);
    sodium_memzero(text, sizeof text);
    if (good)
        sodium_bin2hex(ret_anchor, 65, public_key(&file.keys[0]), crypto_sign_PUBLICKEYBYTES);
    return good;
}

/* The last seal of the file; what stands behind it was never finished, and is cut off. */
static gboolean read_last(int fd, MgkSeal *ret_seal, gboolean *ret_any, GError **error)
{
    g_autoptr(GMappedFile) map = g_mapped_file_new_from_fd(fd, FALSE, NULL);
    const char *bytes = map ? g_mapped_file_get_contents(map) : NULL;
    gsize size = map ? g_mapped_file_get_length(map) : 0;
    const char *newline = bytes ? memrchr(bytes, '\n', size) : NULL;
    gsize end = newline ? (gsize)(newline - bytes) + 1 : 0;
    *ret_any = newline != NULL;
    if (!map || (end < size && (ftruncate(fd, (off_t)end) != 0 || fsync(fd) != 0)))
        return mgk_disk_fail(error, MGK_SEAL_FILE);
    if (!newline)
        return TRUE;
    const char *before = memrchr(bytes, '\n', end - 1);
    const char *start = before ? before + 1 : bytes;
    if (mgk_seal_line_parse(start, (gsize)(newline - start), ret_seal))
        return TRUE;
    g_set_error_literal(error, MGK_ERROR, MGK_ERROR_MALFORMED, "the last seal of " MGK_SEAL_FILE " is damaged");
    return FALSE;
}

/* After an interruption the file has two keys: the second one counts when the seal that names it is there. */
static gboolean settle_keys(KeyFile *file, const MgkSeal *last, gboolean any, GError **error)
{
    guint64 wanted = any ? last->number + 1 : 1;
    guint use = 0;
    while (use < file->n && file->keys[use].number != wanted)
        use++;
    char digits[65];
    if (use < file->n)
        sodium_bin2hex(digits, sizeof digits, public_key(&file->keys[use]), crypto_sign_PUBLICKEYBYTES);
    if (use == file->n || (any && strcmp(digits, last->next) != 0)) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_USAGE, "%s: has no key for seal %" G_GUINT64_FORMAT, file->name,
                    wanted);
        return FALSE;
    }
    if (file->n == 1)
        return TRUE;
    file->keys[0] = file->keys[use];
    file->n = 1;
    return write_keys(file, error);
}

static gboolean append_seal(int fd, int folder, const char *line, GError **error)
{
    off_t end = lseek(fd, 0, SEEK_END);
    gboolean written = end >= 0 && mgk_fd_write_all(fd, line, strlen(line));
    if (!written && end >= 0 && ftruncate(fd, end) != 0) {
        /* the next seal cuts it off */
    }
    return (written && fsync(fd) == 0 && fsync(folder) == 0) || mgk_disk_fail(error, MGK_SEAL_FILE);
}

/* New key beside the old one, seal, new key alone. */
static gboolean make_seal(KeyFile *file, int fd, int folder, MgkSeal *seal, GError **error)
{
    seal->number = file->keys[0].number;
    make_key(&file->keys[1], seal->number + 1);
    file->n = 2;
    sodium_bin2hex(seal->key, sizeof seal->key, public_key(&file->keys[0]), crypto_sign_PUBLICKEYBYTES);
    sodium_bin2hex(seal->next, sizeof seal->next, public_key(&file->keys[1]), crypto_sign_PUBLICKEYBYTES);
    g_autofree char *line = mgk_seal_line_make(seal, file->keys[0].secret);
    if (!write_keys(file, error) || !append_seal(fd, folder, line, error))
        return FALSE;
    file->keys[0] = file->keys[1];
    file->n = 1;
    return write_keys(file, error);
}

static gboolean seal_root(KeyFile *file, int folder, const MgkLogRoot *root, MgkSeal *ret_seal, GError **error)
{
    MgkSeal last = {.number = 0}, seal = {.root = *root};
    gboolean any = FALSE;
    int fd = openat(folder, MGK_SEAL_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    gboolean good = fd >= 0 || mgk_disk_fail(error, MGK_SEAL_FILE);
    good = good && read_last(fd, &last, &any, error) && settle_keys(file, &last, any, error);
    if (good && any && last.root.seq == root->seq)
        seal = last;
    else
        good = good && make_seal(file, fd, folder, &seal, error);
    if (fd >= 0)
        close(fd);
    if (good)
        *ret_seal = seal;
    return good;
}

gboolean mgk_seal(MgkLog *log, const char *folder, const char *key_path, MgkSeal *ret_seal, GError **error)
{
    g_auto(KeyFile) file = {.folder = -1};
    MgkLogRoot root;
    mgk_log_root(log, &root);
    if (root.seq == 0) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_USAGE, "the log is empty");
        return FALSE;
    }
    if (!open_folder(&file, key_path, error) || !read_keys(&file, error))
        return FALSE;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    gboolean good = fd >= 0 ? seal_root(&file, fd, &root, ret_seal, error) : mgk_disk_fail(error, folder);
    if (fd >= 0)
        close(fd);
    return good;
}
