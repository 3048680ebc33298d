/* planted.h - for tests of planted attacks: packages made part by part, cleaned, and read back as text. */
#pragma once

#include "engines/zip_writer.h"
#include "fake_job.h"

typedef struct PlantedPart {
    const char *name, *type, *data; /* type NULL: by extension only */
} PlantedPart;

/* Adds a part of text. */
void planted_add(MgkZipWriter *zip, const char *name, const char *text);
/* Cleans and checks; a job that fails counts as held, with its error as detail. */
FakeRun *planted_clean(const GByteArray *bytes, const char *name);
/* All parts of an archive, names included, one after another; those that are no XML only by name, and searched for
 * CANARY, which must not be there. Ends the test when the archive is not whole. */
GString *planted_unpack(const GByteArray *bytes);
/* What came out holds VISIBLE, `kept` (unless NULL), and neither CANARY nor `gone` (unless NULL). */
void planted_judge(const FakeRun *run, const char *label, const char *kept, const char *gone);
/* When it crosses, cleaning the output gives the same bytes again. */
void planted_demand_stable(const GByteArray *bytes, const char *name, const char *label);
