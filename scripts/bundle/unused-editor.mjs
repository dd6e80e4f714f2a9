/** inquirer's editor question brings half a megabyte of character tables; nova asks no such question. */

/** The esbuild plugin. */
export const unusedEditor = {
  name: 'unused-editor',
  setup(build) {
    build.onLoad({ filter: /[\\/]@inquirer[\\/]external-editor[\\/]/ }, () => ({
      contents: "export const editAsync = () => { throw new Error('nova asks no questions in an editor') }",
      loader: 'js',
    }))
  },
}
