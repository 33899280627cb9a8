/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processor signatures (CPUID.1:EAX): their parts, the products they belong
 * to, and those of the machine this runs on.
 */
#ifndef TDXMOD_CPU_H
#define TDXMOD_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cpu_list {
	uint32_t *signatures;
	size_t count;
};

unsigned int cpu_family(uint32_t signature);
unsigned int cpu_model(uint32_t signature);
unsigned int cpu_stepping(uint32_t signature);
const char *cpu_product(uint32_t signature);

/* Each signature once; an empty list if nothing could be learned. */
void cpu_list_here(struct cpu_list *cpus);
bool cpu_list_parse(struct cpu_list *cpus, const char *text);
void cpu_list_free(struct cpu_list *cpus);

#endif
