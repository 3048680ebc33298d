/* inputs.h - which files a run is about: arguments and the trees below them, in order, readable or not.
 *
 * Nothing is left out silently: what cannot be read is an entry with its trouble. A walked tree is never left through a
 * link, also not when somebody swaps its parts during the run. */
#pragma once

#include <glib.h>

/* Marks a folder that mugaika made for its results; a walk leaves such folders out. */
#define MGK_INPUTS_MARKER ".mugaika"
#define MGK_INPUTS_OUTPUT "cleaned"

typedef struct MgkEntry {
    char *path;          /* owned; as given, or the given folder and the way below it; any bytes */
    char *name;          /* owned; base name; any bytes */
    char *output_root;   /* owned; absolute folder for results */
    char *output_sub;    /* owned; folders to mirror below it, "" for none */
    guint64 size;        /* bytes when it was looked at; for the progress bar */
    const char *trouble; /* msgid; NULL when it looked like an ordinary file */
    int root;            /* borrowed descriptor of the walked folder, -1 for a file given by itself */
    char *below;         /* owned; path below root, NULL without root */
} MgkEntry;

typedef struct MgkInputs {
    GPtrArray *entries; /* owned; of MgkEntry* */
    GPtrArray *skipped; /* owned; of char*: result folders that were left out */
    GArray *roots;      /* owned; of int: open descriptors */
    char *output;       /* owned; absolute, existing folder for all results, NULL: "cleaned" beside each argument */
} MgkInputs;

/* output: absolute path of an existing folder, or NULL. Never fails. */
MgkInputs *mgk_inputs_new(const char *output);
void mgk_inputs_free(MgkInputs *inputs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkInputs, mgk_inputs_free)

/* Adds a file, or a folder with everything below it sorted by name. alone: the only argument, so that a result folder
 * is taken although it is one. */
void mgk_inputs_add(MgkInputs *inputs, const char *argument, gboolean alone);
/* The same for what must be one file: a folder becomes an entry with its trouble. */
void mgk_inputs_add_file(MgkInputs *inputs, const char *argument);
/* Opens an entry for reading. Returns a descriptor (owned by the caller) of an ordinary file, else -1 and *ret_trouble
 * (static msgid). Never blocks on a FIFO. */
int mgk_inputs_open(const MgkEntry *entry, const char **ret_trouble);
