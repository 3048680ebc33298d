/* fuzz.h - one function a fuzz target; libFuzzer calls it in the preset `fuzz`, replay.c in every other build. */
#pragma once

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size); /* always 0; a defect crashes */
