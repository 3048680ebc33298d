#!/usr/bin/perl
# mail_peer.pl OUT FOLDER: rebuilds every mail of a folder with MIME-tools (libmime-tools-perl): parsed in memory, each
# part decoded, a fresh message written. No HTML becomes text, nothing is disarmed. A yardstick.
use strict;
use warnings;
use MIME::Parser;
use MIME::Entity;

my ($out, $folder) = @ARGV;
for my $path (glob "$folder/*.eml") {
    my $parser = MIME::Parser->new;
    $parser->output_to_core(1);
    $parser->tmp_to_core(1);
    my $mail = $parser->parse_open($path);
    my $fresh = MIME::Entity->build(Type => 'multipart/mixed', map { ($_ => $mail->head->get($_)) } qw(From To Subject Date Message-ID));
    for my $part (grep { !$_->is_multipart } $mail->parts_DFS) {
        $fresh->attach(Type => $part->effective_type, Encoding => 'base64', Filename => $part->head->recommended_filename,
                       Data => $part->bodyhandle->as_string);
    }
    my ($name) = $path =~ m{([^/]+)$};
    open my $file, '>', "$out/$name" or die "$out/$name: $!";
    $fresh->print($file);
    close $file;
}
