/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Selecting and stopping services (in the test partition), and being one.
 */
#include "hftest_internal.h"

#define SELECT_SECONDS 5

static struct {
    struct hftest_jump loop;
    struct ffa_value message; /* not yet looked at by the loop */
    bool has_message;
} service;

/* ---- in the test partition ---- */

static struct ffa_value send_framework(uint16_t vm, uint64_t what, const char *name)
{
    struct ffa_value request = {
        {FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(ffa_id_get(), vm), 0, what}};
    char text[HFTEST_NAME_MAX] = {0};

    for (uint32_t i = 0; name != NULL && name[i] != '\0' && i < HFTEST_NAME_MAX - 1; i++) {
        text[i] = name[i];
    }
    memcpy(&request.x[4], text, sizeof(text));
    call_hvc(&request);
    while (!ffa_is_response(&request) && !ffa_is_error(&request)) {
        cpu_irq_enable();
        cpu_irq_disable();
        request = ffa_run(vm, 0);
    }
    return request;
}

void hftest_service_select(uint16_t vm, const char *name, const char *file, int line)
{
    uint64_t end = timer_now() + SELECT_SECONDS * timer_frequency();
    struct ffa_value answer;

    do {
        answer = send_framework(vm, HFTEST_SELECT, name);
        if (ffa_is_response(&answer)) {
            if (answer.x[3] == HFTEST_SELECTED) {
                return;
            }
            hftest_fail(file, line, "partition %u has no service %s", vm, name);
            hftest_abort();
        }
        /* Busy: not yet waiting. Time for a scheduled one; a pinned one has its own. */
        (void)ffa_run(vm, 0);
    } while (timer_now() < end);
    hftest_fail(file, line, "partition %u does not answer (code %d)", vm,
                (int)ffa_error_code(&answer));
    hftest_abort();
}

static void service_stop(uint16_t vm)
{
    uint64_t end = timer_now() + SELECT_SECONDS * timer_frequency();
    struct ffa_value answer;

    /* The answer to a stop is ABORTED: it is off. */
    do {
        answer = send_framework(vm, HFTEST_STOP, NULL);
        if (ffa_error_code(&answer) != FFA_BUSY) {
            return;
        }
        (void)ffa_run(vm, 0);
    } while (timer_now() < end);
}

void hftest_services_stop(void)
{
    for (uint32_t i = 0; hftest_role()->stops_services && hftest_services[i] != 0; i++) {
        service_stop(hftest_id(hftest_services[i]));
    }
}

/* ---- in a service partition ---- */

/* Requests of the framework don't return from here. */
struct ffa_value service_filter(struct ffa_value message)
{
    if (ffa_is_request(&message) && message.x[3] == HFTEST_STOP) {
        psci_system_off();
    }
    if (ffa_is_request(&message) && message.x[3] == HFTEST_SELECT) {
        service.message = message;
        service.has_message = true;
        hftest_jump_to(&service.loop);
    }
    return message;
}

struct ffa_value service_wait(void)
{
    if (service.has_message) {
        service.has_message = false;
        return service_filter(service.message);
    }
    return service_filter(ffa_msg_wait());
}

struct ffa_value service_respond(const struct ffa_value *request, uint64_t x3, uint64_t x4,
                                 uint64_t x5)
{
    return service_filter(ffa_direct_resp(request, x3, x4, x5));
}

static const struct hftest_entry *service_find(const struct ffa_value *message)
{
    char name[HFTEST_NAME_MAX];

    memcpy(name, &message->x[4], sizeof(name));
    name[HFTEST_NAME_MAX - 1] = '\0';
    for (const struct hftest_entry *e = hftest_begin; e < hftest_end; e++) {
        if (e->kind == HFTEST_SERVICE && strcmp(e->name, name) == 0) {
            return e;
        }
    }
    return NULL;
}

/* The service starts after the answer; what ffa_direct_resp brings back is its first message. */
static void service_run(const struct ffa_value *selection)
{
    const struct hftest_entry *entry = service_find(selection);
    uint64_t answer = entry != NULL ? HFTEST_SELECTED : HFTEST_UNKNOWN;

    service.message = ffa_direct_resp(selection, answer, 0, 0);
    service.has_message = true;
    if (entry != NULL) {
        entry->run();
    }
}

__attribute__((weak)) void hftest_service_begin(void);

int hftest_service_main(void)
{
    struct ffa_value message;

    if (hftest_service_begin != NULL) {
        hftest_service_begin();
    }

    (void)hftest_jump_save(&service.loop);
    for (;;) {
        message = service.has_message ? service.message : ffa_msg_wait();
        service.has_message = false;
        if (!ffa_is_request(&message)) {
            continue;
        }
        if (message.x[3] == HFTEST_STOP) {
            return 0;
        }
        if (message.x[3] == HFTEST_SELECT) {
            service_run(&message);
        } else {
            service.message = ffa_direct_resp(&message, HFTEST_UNKNOWN, 0, 0);
            service.has_message = true;
        }
    }
}
