/** zod brings its messages in 50 languages; core/schema.ts writes its own, so that only English stays. */

/** The esbuild plugin. */
export const zodLocales = {
  name: 'zod-locales',
  setup(build) {
    build.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js'",
      loader: 'js',
    }))
  },
}
