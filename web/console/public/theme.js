// Sets the colour scheme before the first paint, so that nobody is flashed by the other one.
;(function () {
  var chosen = null
  try {
    chosen = localStorage.getItem('deskhand.scheme')
  } catch {
    // Storage may be switched off; the system's scheme will do.
  }
  var dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
})()
