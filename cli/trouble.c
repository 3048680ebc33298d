#include "trouble.h"

#include "model/words.h"

#include <errno.h>

typedef struct Trouble {
    int error_number;
    const char *words;
} Trouble;

static const Trouble reading[] = {
    {ENOENT, N_("it does not exist, or not any more")},
    {ENOTDIR, N_("it does not exist, or not any more")},
    {EACCES, N_("no permission to read it")},
    {EPERM, N_("no permission to read it")},
    {ELOOP, N_("it is a link to another place; links are not followed")},
    {EXDEV, N_("it is a link to another place; links are not followed")},
    {ENAMETOOLONG, N_("its name or path is too long")},
    {ENXIO, N_("it is not an ordinary file")},
    {EMFILE, N_("too many files are open")},
    {ENFILE, N_("too many files are open")},
};

static const Trouble writing[] = {
    {ENOSPC, N_("the disk is full")},
    {EDQUOT, N_("the disk quota is used up")},
    {EACCES, N_("no permission to write there")},
    {EPERM, N_("no permission to write there")},
    {EROFS, N_("the place is read-only")},
    {EFBIG, N_("the file is larger than allowed there")},
    {ENAMETOOLONG, N_("the name or path is too long")},
    {ENOTDIR, N_("something that is not a folder is in the way")},
    {ELOOP, N_("something that is not a folder is in the way")},
    {EEXIST, N_("something that is not a folder is in the way")},
    {EPIPE, N_("the reader of the output has gone")},
};

static const char *lookup(const Trouble *table, gsize n, int error_number, const char *otherwise)
{
    for (gsize i = 0; i < n; i++) {
        if (table[i].error_number == error_number)
            return table[i].words;
    }
    return otherwise;
}

const char *mgk_trouble_reading(int error_number)
{
    return lookup(reading, G_N_ELEMENTS(reading), error_number, N_("the disk or network reported an error"));
}

const char *mgk_trouble_writing(int error_number)
{
    return lookup(writing, G_N_ELEMENTS(writing), error_number, N_("the disk or network reported an error"));
}

const char *mgk_trouble_type(mode_t mode)
{
    if (S_ISREG(mode))
        return NULL;
    if (S_ISLNK(mode))
        return N_("it is a link to another place; links are not followed");
    return S_ISDIR(mode) ? N_("it is a folder, not a file") : N_("it is not an ordinary file");
}
