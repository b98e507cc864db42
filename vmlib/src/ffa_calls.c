/* SPDX-License-Identifier: BSD-3-Clause */
#include "bh/base/libc.h"
#include "vmlib_call.h"
#include "vmlib_cpu.h"
#include "vmlib_start.h"

struct ffa_value ffa_call_value(struct ffa_value value)
{
    vmlib_call(&value);
    return value;
}

struct ffa_value ffa_call_smc(struct ffa_value value)
{
    call_smc(&value);
    return value;
}

uint16_t ffa_id_get(void)
{
    return (uint16_t)ffa_call(FFA_ID_GET_32).x[2];
}

struct ffa_value ffa_version(uint64_t version)
{
    return ffa_call(FFA_VERSION_32, version);
}

struct ffa_value ffa_features(uint64_t id)
{
    return ffa_call(FFA_FEATURES_32, id);
}

struct ffa_value ffa_run(uint16_t vm, uint16_t vcpu)
{
    return ffa_call(FFA_RUN_32, ffa_target_make(vm, vcpu));
}

struct ffa_value ffa_yield(void)
{
    return ffa_call(FFA_YIELD_32);
}

struct ffa_value ffa_msg_wait(void)
{
    return ffa_call(FFA_MSG_WAIT_32);
}

struct ffa_value ffa_direct_req(uint16_t receiver, uint64_t x3, uint64_t x4, uint64_t x5)
{
    return ffa_call(FFA_MSG_SEND_DIRECT_REQ_64, ffa_endpoints_make(ffa_id_get(), receiver), 0, x3,
                    x4, x5);
}

struct ffa_value ffa_direct_req2(uint16_t receiver, const struct ffa_uuid *uuid,
                                 const struct ffa_value *payload)
{
    struct ffa_value request = *payload;

    request.x[0] = FFA_MSG_SEND_DIRECT_REQ2_64;
    request.x[1] = ffa_endpoints_make(ffa_id_get(), receiver);
    request.x[2] = (uint64_t)uuid->word[1] << 32 | uuid->word[0];
    request.x[3] = (uint64_t)uuid->word[3] << 32 | uuid->word[2];
    return ffa_call_value(request);
}

struct ffa_value ffa_direct_req_complete(uint16_t receiver, uint64_t x3, uint64_t x4, uint64_t x5)
{
    struct ffa_value result = ffa_direct_req(receiver, x3, x4, x5);
    uint64_t target = ffa_target_make(receiver, 0);

    while (!ffa_is_response(&result)) {
        struct ffa_value run;

        if (ffa_is_error(&result)) {
            return result;
        }
        /* FFA_INTERRUPT, FFA_YIELD or its WFI: w1 names who must run on, where it is given. */
        target = result.x[1] != 0 ? result.x[1] : target;
        do {
            vmlib_irq_window();
            run = ffa_call(FFA_RUN_32, target);
            /* Busy: it waits itself, for an answer from another CPU. */
        } while (ffa_error_code(&run) == FFA_BUSY);
        result = run;
    }
    return result;
}

struct ffa_value ffa_direct_resp(const struct ffa_value *request, uint64_t x3, uint64_t x4,
                                 uint64_t x5)
{
    uint64_t fid = request->x[0] == FFA_MSG_SEND_DIRECT_REQ_32 ? FFA_MSG_SEND_DIRECT_RESP_32
                                                               : FFA_MSG_SEND_DIRECT_RESP_64;

    return ffa_call(fid, ffa_endpoints_make(ffa_receiver(request), ffa_sender(request)), 0, x3, x4,
                    x5);
}

struct ffa_value ffa_rxtx_map(const void *tx, const void *rx, uint32_t pages)
{
    return ffa_call(FFA_RXTX_MAP_64, (uint64_t)tx, (uint64_t)rx, pages);
}

struct ffa_value ffa_notification_bind(uint16_t sender, uint64_t flags, uint64_t bits)
{
    return ffa_call(FFA_NOTIFICATION_BIND_32, ffa_endpoints_make(sender, ffa_id_get()), flags,
                    bits & UINT32_MAX, bits >> 32);
}

struct ffa_value ffa_notification_unbind(uint16_t sender, uint64_t bits)
{
    return ffa_call(FFA_NOTIFICATION_UNBIND_32, ffa_endpoints_make(sender, ffa_id_get()), 0,
                    bits & UINT32_MAX, bits >> 32);
}

struct ffa_value ffa_notification_set(uint16_t receiver, uint64_t flags, uint64_t bits)
{
    return ffa_call(FFA_NOTIFICATION_SET_32, ffa_endpoints_make(ffa_id_get(), receiver), flags,
                    bits & UINT32_MAX, bits >> 32);
}

struct ffa_value ffa_notification_get(uint16_t vcpu, uint64_t flags)
{
    return ffa_call(FFA_NOTIFICATION_GET_32, (uint64_t)vcpu << 16 | ffa_id_get(), flags);
}

struct ffa_value ffa_notification_info_get(void)
{
    return ffa_call(FFA_NOTIFICATION_INFO_GET_64);
}

struct ffa_value ffa_send2(void *tx, uint16_t receiver, uint32_t size)
{
    struct ffa_message_header header = {
        .base = {.offset = sizeof(header),
                 .receiver = receiver,
                 .sender = ffa_id_get(),
                 .size = size},
    };

    memcpy(tx, &header, sizeof(header));
    return ffa_call(FFA_MSG_SEND2_32);
}

struct ffa_value ffa_mem_perm_get(const void *page)
{
    return ffa_call(FFA_MEM_PERM_GET_64, (uint64_t)page);
}

struct ffa_value ffa_mem_perm_set(const void *page, uint32_t pages, uint64_t permissions)
{
    return ffa_call(FFA_MEM_PERM_SET_64, (uint64_t)page, pages, permissions);
}

struct ffa_value ffa_console_log(const char *text, uint32_t length)
{
    struct ffa_value value = {{FFA_CONSOLE_LOG_64, length}};

    if (length > FFA_CONSOLE_LOG_64_MAX) {
        length = FFA_CONSOLE_LOG_64_MAX;
    }
    memcpy(&value.x[2], text, length);
    vmlib_call(&value);
    return value;
}

int32_t psci_call(uint64_t fid, uint64_t a, uint64_t b, uint64_t c)
{
    return (int32_t)ffa_call(fid, a, b, c).x[0];
}

int32_t psci_cpu_on(uint64_t mpidr, uint64_t entry, uint64_t context)
{
    return psci_call(PSCI_CPU_ON_64, mpidr, entry, context);
}

int32_t psci_affinity_info(uint64_t mpidr)
{
    return psci_call(PSCI_AFFINITY_INFO_64, mpidr, 0, 0);
}

void psci_system_off(void)
{
    psci_call(PSCI_SYSTEM_OFF_FID, 0, 0, 0);
    for (;;) {
        cpu_wfi();
    }
}

void psci_system_reset(void)
{
    psci_call(PSCI_SYSTEM_RESET_FID, 0, 0, 0);
    for (;;) {
        cpu_wfi();
    }
}
