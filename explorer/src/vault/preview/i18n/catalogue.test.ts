import { catalogueConformance } from '../../../i18n/catalogue.conformance.ts'
import { previewEn } from './en.ts'
import { previewZhCn } from './zh-cn.ts'

catalogueConformance('message catalogue of previews', {
  english: previewEn,
  chinese: previewZhCn,
  sameInBoth: ['track.timeHint'],
})
