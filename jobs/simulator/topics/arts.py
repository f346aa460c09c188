"""Topics: watercolour, jazz piano, film photography, calligraphy."""

from jobs.simulator.topics.topic import Local, Topic, lines

ARTS = (
    Topic(
        name="watercolour",
        group="Art and Music",
        subjects=lines("""
            wet-on-wet washes
            painting skies
            urban sketching
            botanical watercolours
            mixing greens
            winter landscapes in watercolour
            brushes and paper
            loose flowers
            portraits in watercolour
            negative painting
            painting water and reflections
            travel sketchbooks
        """),
        books=lines("""
            Let the Water Do It
            Three Pigments and a Brush
            The Unfinished Sky
            A Sketchbook Summer
            Painting What Is Not There
        """),
        kits=lines("""
            Travel Watercolour Box with Twelve Half Pans
            Cold-Pressed Paper Block, 300 g
            Set of Round Sable Brushes
            Masking Fluid and Ruling Pen
            Sketching Kit with Water Brush
        """),
        films=lines("""
            The Light over the Harbour
            Portrait of a Paper Maker
            One Wash
            A Painter's Winter
        """),
        magazines=lines("""
            Wash
            The Sketching Hour
        """),
        talks=lines("""
            Why Do My Greens Look Dull?
            How to Stop before It Is Ruined
            What Good Paper Changes
            Where Does the White Come From?
            How Turner Painted Weather
        """),
        sentences=lines("""
            The white of the picture is the paper, so it must be saved from the start.
            A second wash before the first is dry makes blooms that cannot be undone.
            Three pigments mix more greens than any ready tube.
            A large brush with a good point does nearly everything.
            Skies are painted in three minutes or not at all.
            Shadows are coloured, and never just grey.
            Heavy paper stays flat and lets you lift a mistake.
            Soft edges look far away, hard edges come forward.
        """),
        queries=lines("""
            watercolour set for travel
            how to paint skies
            loose flowers watercolour course
            good watercolour paper
            sketching in the city
        """),
        elsewhere=(
            Local(
                "de",
                lines("""
                    Aquarell für unterwegs
                    Blumen in Aquarell
                    Himmel und Wasser malen
                """),
                lines("""
                    Das Weiß im Bild ist das Papier.
                    Weiche Kanten wirken fern, harte treten nach vorn.
                """),
            ),
            Local(
                "fr",
                lines("""
                    l'aquarelle de voyage
                    les ciels à l'aquarelle
                    l'aquarelle botanique
                """),
                lines("""
                    Un ciel se peint en trois minutes ou pas du tout.
                    Trois pigments donnent plus de verts qu'un tube.
                """),
            ),
            Local(
                "es",
                lines("""
                    la acuarela de paisaje
                    las flores en acuarela
                    el cuaderno de viaje
                """),
                lines("""
                    El blanco del cuadro es el papel.
                    Las sombras tienen color, nunca son solo grises.
                """),
            ),
        ),
    ),
    Topic(
        name="jazz piano",
        group="Art and Music",
        subjects=lines("""
            jazz voicings
            left-hand stride
            playing the blues on the piano
            walking bass lines
            improvising over standards
            swing feel
            bebop scales
            comping in a trio
            modal jazz
            jazz ballads
            learning tunes by ear
            Latin montunos
        """),
        books=lines("""
            Blue in Both Hands
            The Late Set
            Shells and Colours
            Forty Standards, Slowly
            What the Left Hand Knows
        """),
        kits=lines("""
            Folding Keyboard with Eighty-Eight Keys
            Flash Cards of Chord Voicings
            Play-Along Recordings with Bass and Drums
            Manuscript Book for Lead Sheets
            Sustain Pedal with Practice Booklet
        """),
        films=lines("""
            The Club on Basin Lane
            After the Last Chorus
            Three Nights, One Piano
            Her Left Hand
        """),
        magazines=lines("""
            Changes
            The Comping Chord
        """),
        talks=lines("""
            What Makes Music Swing?
            How to Practise One Tune for a Year
            Why Jazz Pianists Leave Out the Root
            Can Improvising Be Taught?
            What Happened at the Jam Session
        """),
        sentences=lines("""
            Two notes in the left hand are often enough to name a chord.
            Swing sits between the written notes and is learned by copying records.
            A slow blues hides nothing.
            The bass player has the root, so the pianist can leave it out.
            One tune in twelve keys teaches more than twelve tunes in one.
            A good solo leaves room for the drummer to answer.
            Ballads are played with fewer notes and more pedal.
            Singing a line before playing it keeps the fingers honest.
        """),
        queries=lines("""
            jazz piano chords for beginners
            learn to improvise on piano
            stride piano left hand
            blues piano course
            jazz standards lead sheets
        """),
        elsewhere=(
            Local(
                "de",
                lines("""
                    Jazzklavier
                    Improvisieren am Klavier
                    Blues mit der linken Hand
                """),
                lines("""
                    Zwei Töne links genügen oft für einen Akkord.
                    Ein langsamer Blues verbirgt nichts.
                """),
            ),
            Local(
                "fr",
                lines("""
                    le piano jazz
                    l'improvisation au piano
                    les accords de jazz
                """),
                lines("""
                    Le swing se trouve entre les notes écrites.
                    Un bon solo laisse de la place au batteur.
                """),
            ),
            Local(
                "es",
                lines("""
                    el piano de jazz
                    la improvisación al piano
                    los acordes de jazz
                """),
                lines("""
                    Un blues lento no esconde nada.
                    Cantar la frase antes de tocarla ayuda a los dedos.
                """),
            ),
        ),
    ),
    Topic(
        name="film photography",
        group="Art and Music",
        subjects=lines("""
            developing black-and-white film
            medium format cameras
            darkroom printing
            street photography on film
            metering by eye
            pinhole cameras
            old rangefinders
            colour negative film
            scanning negatives
            pushing film in low light
            portraits by window light
            repairing light seals
        """),
        books=lines("""
            Thirty-Six Frames
            Red Light, Wet Hands
            Expose for the Shadows
            The Camera in My Father's Drawer
            Grain
        """),
        kits=lines("""
            Home Developing Kit with Tank and Chemicals
            Pinhole Camera of Cardboard
            Ten Rolls of Black-and-White Film
            Darkroom Safelight and Tray Set
            Handheld Light Meter
        """),
        films=lines("""
            The Photographer of Platform Nine
            Contact Sheets
            Silver
            A Box of Negatives
        """),
        magazines=lines("""
            Emulsion
            The Slow Shutter
        """),
        talks=lines("""
            Why Shoot Film Today?
            How to Meter without a Meter
            What Is Hidden in an Old Contact Sheet
            Is Expired Film Worth the Risk?
            What Makes a Good Print Good?
        """),
        sentences=lines("""
            Film forgives too much light far more easily than too little.
            Nine minutes in the tank decide how the whole day will look.
            Under the red light the picture rises out of the white sheet.
            Thirty-six frames make you look twice before you press the button.
            Old cameras leak light at the door, and new foam costs almost nothing.
            Window light from the side gives a face its shape.
            A contact sheet shows how a photographer walks around a subject.
            Grain grows when film is pushed, and so does the mood.
        """),
        queries=lines("""
            develop film at home
            black and white film camera
            darkroom printing course
            which light meter
            medium format for beginners
        """),
        elsewhere=(
            Local(
                "de",
                lines("""
                    Analoge Fotografie
                    Filme selbst entwickeln
                    Abzüge aus der Dunkelkammer
                """),
                lines("""
                    Film verzeiht zu viel Licht eher als zu wenig.
                    Im roten Licht steigt das Bild aus dem weißen Blatt.
                """),
            ),
            Local(
                "fr",
                lines("""
                    la photographie argentique
                    le tirage en chambre noire
                    les vieux appareils
                """),
                lines("""
                    Trente-six vues obligent à regarder deux fois.
                    La lumière d'une fenêtre donne sa forme au visage.
                """),
            ),
            Local(
                "es",
                lines("""
                    la fotografía analógica
                    el revelado en casa
                    las cámaras antiguas
                """),
                lines("""
                    La película perdona mejor el exceso de luz que su falta.
                    Bajo la luz roja la imagen aparece poco a poco.
                """),
            ),
        ),
    ),
    Topic(
        name="calligraphy",
        group="Art and Music",
        subjects=lines("""
            italic handwriting
            pointed pen scripts
            broad-nib lettering
            Gothic hands
            brush lettering
            ink and paper
            flourishes
            envelopes and place cards
            gilding initials
            Roman capitals
            practice sheets
            cutting a quill
        """),
        books=lines("""
            Thick and Thin
            The Slant of a Line
            A Letter a Day
            Ink Under the Nails
            The Scribe's Apprentice
        """),
        kits=lines("""
            Pointed Pen Set with Three Nibs and Ink
            Brush Pens in Eight Colours
            Gilding Starter Set with Gold Leaf
            Italic Fountain Pen
            Slanted Writing BatchStore of Beech
        """),
        films=lines("""
            The Last Sign Writer
            Vellum
            A Hand in the Margin
            Ink Stone
        """),
        magazines=lines("""
            Ascender
            Nib and Line
        """),
        talks=lines("""
            Why Do My Thin Lines Shake?
            How Monks Wrote All Winter
            What Handwriting Says and What It Does Not
            Which Ink for Which Paper?
            Is Left-Handed Calligraphy Harder?
        """),
        sentences=lines("""
            Pressure on the way down makes the thick line, none on the way up the thin one.
            A broad nib held at forty-five degrees almost writes by itself.
            Good letters begin with good gaps between them.
            Smooth paper keeps the ink from feathering.
            An alphabet practised slowly for a week stays in the hand for life.
            Gold leaf sticks to breath, so the scribe breathes on the letter.
            Flourishes come last and fewer are better.
            Guidelines in pencil are no shame, even the masters drew them.
        """),
        queries=lines("""
            calligraphy pen for beginners
            learn brush lettering
            italic handwriting practice
            gold leaf initials
            lettering wedding envelopes
        """),
        elsewhere=(
            Local(
                "de",
                lines("""
                    Schönschrift mit der Spitzfeder
                    Lettering mit dem Pinsel
                    Gotische Schriften
                """),
                lines("""
                    Druck beim Abstrich macht die Linie breit.
                    Gute Buchstaben beginnen mit guten Abständen.
                """),
            ),
            Local(
                "fr",
                lines("""
                    la calligraphie à la plume
                    l'écriture italique
                    les lettres ornées
                """),
                lines("""
                    Un papier lisse empêche l'encre de baver.
                    Les fioritures viennent en dernier.
                """),
            ),
            Local(
                "es",
                lines("""
                    la caligrafía con pluma
                    la letra gótica
                    las mayúsculas romanas
                """),
                lines("""
                    La presión al bajar engruesa el trazo.
                    Las buenas letras empiezan por los espacios.
                """),
            ),
        ),
    ),
)
