// SPDX-License-Identifier: GPL-2.0-only
/*
 * Change options of seamsim from inside the guest, or print its state as JSON.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SEAMSIM_LEAF		0x4f5ea400U
#define SEAMSIM_MAGIC		0x5ea4514dU
#define SEAMSIM_BUFFER_SIZE	(64 * 1024)

enum seamsim_op {
	SEAMSIM_IDENTIFY,
	SEAMSIM_SET,
	SEAMSIM_STATE,
};

static unsigned int seamsim_call(enum seamsim_op op, char *buffer, size_t length)
{
	unsigned int eax = SEAMSIM_LEAF, ebx = SEAMSIM_MAGIC;
	unsigned long rcx = op, rdx = length;

	asm volatile("cpuid" : "+a" (eax), "+b" (ebx), "+c" (rcx), "+d" (rdx)
		     : "S" (buffer) : "memory");
	return eax;
}

static void print_state(char *buffer)
{
	unsigned int length = seamsim_call(SEAMSIM_STATE, buffer, SEAMSIM_BUFFER_SIZE);

	if (length > SEAMSIM_BUFFER_SIZE)
		errx(EXIT_FAILURE, "the state is too long");
	printf("%.*s\n", (int)length, buffer);
}

static void set_options(char *buffer, char **options)
{
	size_t used = 0;

	for (; *options; options++) {
		used += snprintf(buffer + used, SEAMSIM_BUFFER_SIZE - used, "%s\n", *options);
		if (used >= SEAMSIM_BUFFER_SIZE)
			errx(EXIT_FAILURE, "too many options");
	}
	if (seamsim_call(SEAMSIM_SET, buffer, used))
		errx(EXIT_FAILURE, "%s", buffer);
}

int main(int argc, char **argv)
{
	static char buffer[SEAMSIM_BUFFER_SIZE];

	/* The emulator reads and writes only pages that are present. */
	if (mlock(buffer, sizeof(buffer)))
		err(EXIT_FAILURE, "mlock");
	if (seamsim_call(SEAMSIM_IDENTIFY, buffer, 0) != 1)
		errx(EXIT_FAILURE, "this is not seamsim");
	if (argc > 1)
		set_options(buffer, argv + 1);
	else
		print_state(buffer);
	return EXIT_SUCCESS;
}
