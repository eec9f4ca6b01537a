// Generated from default-policy.yaml by `npm run build:policy`; do not edit.
import type { Policy } from './schema.ts'

/** The policy of default-policy.yaml, where there is no file to read. */
export const defaultPolicy: Policy = {
  version: 1,
  defaults: {
    importance: 'routine',
    level: 2,
    suite: 'aes-256-gcm',
    chaos: 'wide',
    codec: 'zstd',
    zstdLevel: 6,
    copies: 2,
    otherTier: 'refuse',
    retentionDays: 365,
    disclose: true,
    movable: true,
    lane: 'normal',
  },
  rules: [
    {
      rule: 'temporary files',
      when: { name: ['*.tmp', '*.part', '~$*'] },
      set: { retentionDays: 7, lane: 'bulk' },
    },
    {
      rule: 'voyage plan',
      when: { class: ['voyage-plan'] },
      set: {
        importance: 'critical',
        zstdLevel: 19,
        copies: 3,
        retentionDays: 1825,
        lane: 'urgent',
      },
    },
    {
      rule: 'VDR export',
      when: { class: ['vdr-export'] },
      set: {
        importance: 'critical',
        copies: 3,
        retentionDays: 3650,
        disclose: false,
        movable: false,
        lane: 'urgent',
      },
    },
    {
      rule: 'ECDIS and chart export',
      when: { class: ['chart-export'] },
      set: { importance: 'important', copies: 3, retentionDays: 1095 },
    },
    {
      rule: 'NMEA log',
      when: { class: ['nmea-log'] },
      set: { importance: 'important', zstdLevel: 9, retentionDays: 1095 },
    },
    {
      rule: 'engine log',
      when: { class: ['engine-log'] },
      set: { importance: 'important', zstdLevel: 9, retentionDays: 1825 },
    },
    { rule: 'telemetry', when: { class: ['telemetry'] }, set: { zstdLevel: 9, lane: 'bulk' } },
    {
      rule: 'document',
      when: { class: ['document'] },
      set: { importance: 'important', retentionDays: 1825 },
    },
    { rule: 'image', when: { class: ['image'] }, set: { retentionDays: 730 } },
    { rule: 'video', when: { class: ['video'] }, set: { retentionDays: 180, lane: 'bulk' } },
    { rule: 'general log', when: { class: ['log'] }, set: { zstdLevel: 9, lane: 'bulk' } },
    { rule: 'archive', when: { class: ['archive'] }, set: { lane: 'bulk' } },
    { rule: 'unknown', when: { class: ['data'] }, set: { importance: 'important' } },
  ],
}
