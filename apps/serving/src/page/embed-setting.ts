import { z } from 'zod'
import { keySchema } from '#contracts'

const areOrigins = (origins: readonly string[]): boolean => origins.length === 0 || keySchema.shape.origins.safeParse(origins).success

/** Whose web pages may show Rondo in a frame, and what signed links show. */
export const embedSetting = {
  embedOrigins: z
    .string()
    .transform((text): readonly string[] => (text === '' ? [] : text.split(',')))
    .refine(areOrigins, { error: 'expected origins such as https://shop.example, with commas between them' })
    .prefault('')
    .describe('web pages of these origins, with commas between them, may show the dashboard in a frame and what signed links show; without it, none may'),
}
