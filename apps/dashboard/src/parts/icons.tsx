/** The icons of the menu, as paths on a field of 20 by 20. */
const paths = {
  cycle: 'M15.5 6.5A6.5 6.5 0 1 0 16.5 10M16 3v4h-4',
  people: 'M7.5 9a2.75 2.75 0 1 0 0-5.5 2.75 2.75 0 0 0 0 5.5M2.5 16.5c0-3 2.2-4.8 5-4.8s5 1.8 5 4.8M13 8.7a2.3 2.3 0 1 0-.6-4.5M14.3 11.9c2 .4 3.2 2 3.2 4.6',
  live: 'M2.5 10h3l2.2-5.5 4.2 11L14.2 10h3.3',
  counts: 'M3 16.500h14M3 13l4-4 3.500 2.500L17 5.500',
  flow: 'M3 5h3c4 0 4 10 8 10h3M3 15h3c4 0 4-10 8-10h3',
  dwell: 'M5 3h10M5 17h10M6 3c0 4 4 5 4 7s-4 3-4 7M14 3c0 4-4 5-4 7s4 3 4 7',
  activity: 'M4 16.500v-5M8 16.500v-9M12 16.500v-6M16 16.500v-12',
  breakdown: 'M3 3.500h6.500l7.500 7.500-6 6L3.500 9.500zM7 7h.010',
  events: 'M4 4.500h12M4 8.200h12M4 11.800h8M4 15.500h5',
  health: 'M3.500 10.500 8 15l8.500-9.500',
  system: 'M10 3.500a6.500 6.500 0 1 0 0 13zM10 3.500a6.500 6.500 0 1 1 0 13',
  light:
    'M10 6.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7M10 2v1.500M10 16.500V18M2 10h1.500M16.500 10H18M4.300 4.300l1.100 1.100M14.600 14.600l1.100 1.100M4.300 15.700l1.100-1.100M14.600 5.400l1.100-1.100',
  dark: 'M16 11.800A6.500 6.500 0 1 1 8.200 4a5.200 5.200 0 0 0 7.800 7.800z',
} as const

/** An icon beside a word, or inside of a button that has a name. */
export function Icon({ name }: { readonly name: keyof typeof paths }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}
