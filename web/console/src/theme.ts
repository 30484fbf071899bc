// Mantine dressed as Deskhand: one accent, quiet greys, compact controls.
import { createTheme, localStorageColorSchemeManager, type MantineColorsTuple } from '@mantine/core'

const desk: MantineColorsTuple = [
  '#eef9f6',
  '#d9f0ea',
  '#b0e0d5',
  '#83cfbf',
  '#56b9a7',
  '#34a190',
  '#1d8a7a',
  '#14756a',
  '#115f57',
  '#0d4b45',
]

/** public/theme.js reads the same key before the first paint. */
export const schemeManager = localStorageColorSchemeManager({ key: 'deskhand.scheme' })

export const theme = createTheme({
  primaryColor: 'desk',
  primaryShade: { light: 7, dark: 7 },
  colors: { desk },
  fontFamily:
    '"Inter Variable", -apple-system, BlinkMacSystemFont, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // Whatever opens stays inside the landmark or dialog of its button; portals belong to no part of the page.
    Button: { defaultProps: { size: 'sm' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Select: {
      defaultProps: { size: 'sm', allowDeselect: false, comboboxProps: { withinPortal: false, shadow: 'md' } },
    },
    Menu: { defaultProps: { withinPortal: false, withInitialFocusPlaceholder: false, shadow: 'md' } },
    // Mantine's own grey is too pale to read on white.
    Notification: { styles: { description: { color: 'var(--dh-muted)' } } },
    Tooltip: { defaultProps: { openDelay: 400, withArrow: true } },
  },
})
