// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processor signatures.  See "Intel 64 and IA-32 Architectures Software
 * Developer's Manual", CPUID, leaf 1.
 */
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif
#include <err.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "cpu.h"

#define SIGNATURE_STEPPING(s)		((s) & 0xF)
#define SIGNATURE_MODEL(s)		((s) >> 4 & 0xF)
#define SIGNATURE_FAMILY(s)		((s) >> 8 & 0xF)
#define SIGNATURE_EXTENDED_MODEL(s)	((s) >> 16 & 0xF)
#define SIGNATURE_EXTENDED_FAMILY(s)	((s) >> 20 & 0xFF)

#define FAMILY_P6			0x6
#define FAMILY_EXTENDED			0xF
#define EXTENDED_MODEL_SHIFT		4

#define CPUID_LEAF_SIGNATURE		1

static const struct {
	unsigned int family;
	unsigned int model;
	const char *name;
} products[] = {
	{  6, 0x8F, "Sapphire Rapids" },
	{  6, 0xAD, "Granite Rapids" },
	{  6, 0xAE, "Granite Rapids-D" },
	{  6, 0xAF, "Sierra Forest" },
	{  6, 0xCF, "Emerald Rapids" },
	{  6, 0xDD, "Clearwater Forest" },
	{ 19, 0x01, "Diamond Rapids" },
};

unsigned int cpu_family(uint32_t signature)
{
	unsigned int family = SIGNATURE_FAMILY(signature);

	if (family == FAMILY_EXTENDED)
		family += SIGNATURE_EXTENDED_FAMILY(signature);
	return family;
}

unsigned int cpu_model(uint32_t signature)
{
	unsigned int model = SIGNATURE_MODEL(signature);

	if (SIGNATURE_FAMILY(signature) == FAMILY_P6 ||
	    SIGNATURE_FAMILY(signature) == FAMILY_EXTENDED)
		model |= SIGNATURE_EXTENDED_MODEL(signature) << EXTENDED_MODEL_SHIFT;
	return model;
}

unsigned int cpu_stepping(uint32_t signature)
{
	return SIGNATURE_STEPPING(signature);
}

/* NULL if the product is not known. */
const char *cpu_product(uint32_t signature)
{
	size_t i;

	for (i = 0; i < sizeof(products) / sizeof(products[0]); i++) {
		if (products[i].family == cpu_family(signature) &&
		    products[i].model == cpu_model(signature))
			return products[i].name;
	}
	return NULL;
}

static void cpu_list_add(struct cpu_list *cpus, uint32_t signature)
{
	size_t i;

	for (i = 0; i < cpus->count; i++) {
		if (cpus->signatures[i] == signature)
			return;
	}

	cpus->signatures = reallocarray(cpus->signatures, cpus->count + 1, sizeof(signature));
	if (!cpus->signatures)
		err(EXIT_RETRY, "processors");
	cpus->signatures[cpus->count++] = signature;
}

static void add_current(struct cpu_list *cpus)
{
#if defined(__x86_64__) || defined(__i386__)
	unsigned int eax, ebx, ecx, edx;

	if (__get_cpuid(CPUID_LEAF_SIGNATURE, &eax, &ebx, &ecx, &edx))
		cpu_list_add(cpus, eax);
#else
	(void)cpus;
#endif
}

/**
 * cpu_list_here() - Signatures of the processors that this process may run on
 * @cpus: empty list
 *
 * Sockets may hold different steppings, so each processor is asked.
 */
void cpu_list_here(struct cpu_list *cpus)
{
	cpu_set_t allowed, one;
	int cpu;

	if (sched_getaffinity(0, sizeof(allowed), &allowed)) {
		add_current(cpus);
		return;
	}

	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &allowed))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		/* One that went offline meanwhile cannot be asked. */
		if (!sched_setaffinity(0, sizeof(one), &one))
			add_current(cpus);
	}
	sched_setaffinity(0, sizeof(allowed), &allowed);
}

/* Signatures separated by commas. */
bool cpu_list_parse(struct cpu_list *cpus, const char *text)
{
	char *list = strdup(text), *rest = list, *item;
	unsigned long signature;
	bool valid = list;

	while (valid && (item = strsep(&rest, ","))) {
		valid = command_number(item, UINT32_MAX, &signature);
		if (valid)
			cpu_list_add(cpus, signature);
	}
	free(list);
	return valid;
}

void cpu_list_free(struct cpu_list *cpus)
{
	free(cpus->signatures);
	*cpus = (struct cpu_list){ 0 };
}
