import ArgumentParser
@main struct MiniCICommand: ParsableCommand { }
