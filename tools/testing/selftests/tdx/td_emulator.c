// SPDX-License-Identifier: GPL-2.0
/* The control leaf: see td_emulator.h. */
#include "td_emulator.h"

#include <string.h>
#include <sys/mman.h>

#define CONTROL_LEAF		0x4f5ea400UL
#define CONTROL_MAGIC		0x5ea4514dUL
#define CONTROL_OK		0
#define CONTROL_TOO_SMALL	0xffffffffU
#define BUFFER_SIZE		(64 * 1024)
#define NAME_SIZE		12
static const char emulator_name[NAME_SIZE] = "seamsim";

enum control_op {
	CONTROL_IDENTIFY,
	CONTROL_OPTIONS,
	CONTROL_STATE,
};

struct control_answer {
	unsigned int eax;
	unsigned int ebx;
	unsigned int ecx;
	unsigned int edx;
};

static char buffer[BUFFER_SIZE];

static struct control_answer control(enum control_op op, const void *at, size_t size)
{
	unsigned long rax = CONTROL_LEAF, rbx = CONTROL_MAGIC, rcx = op, rdx = size;

	asm volatile("cpuid"
		     : "+a" (rax), "+b" (rbx), "+c" (rcx), "+d" (rdx)
		     : "S" (at)
		     : "memory");
	return (struct control_answer) { .eax = rax, .ebx = rbx, .ecx = rcx, .edx = rdx };
}

bool emulator_present(void)
{
	struct control_answer answer = control(CONTROL_IDENTIFY, NULL, 0);
	unsigned int name[NAME_SIZE / sizeof(unsigned int)] = {
		answer.ebx, answer.ecx, answer.edx,
	};

	return !memcmp(name, emulator_name, sizeof(name));
}

/* The emulator reads and writes the buffer as a device would: it must be there. */
static int pin_buffer(void)
{
	return mlock(buffer, sizeof(buffer));
}

int emulator_option(const char *text, const char **why)
{
	size_t size = strlen(text);

	if (pin_buffer() || size >= sizeof(buffer)) {
		*why = "no buffer";
		return -1;
	}
	memset(buffer, 0, sizeof(buffer));
	memcpy(buffer, text, size);
	*why = buffer;
	return control(CONTROL_OPTIONS, buffer, sizeof(buffer)).eax == CONTROL_OK ? 0 : -1;
}

const char *emulator_state(void)
{
	if (pin_buffer())
		return NULL;
	memset(buffer, 0, sizeof(buffer));
	if (control(CONTROL_STATE, buffer, sizeof(buffer)).eax == CONTROL_TOO_SMALL)
		return NULL;
	return buffer;
}
