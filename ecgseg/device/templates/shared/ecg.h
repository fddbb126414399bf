/* An example recording in mV, {{ rate }} samples per second. Written by ecgseg. SPDX-License-Identifier: BSD-3-Clause */
#ifndef ECG_H
#define ECG_H

#define ECG_SAMPLES {{ samples }}

static const float ecg[ECG_SAMPLES] = {
{{ numbers }}
};

#endif
